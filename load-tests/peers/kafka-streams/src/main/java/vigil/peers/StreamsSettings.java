package vigil.peers;

import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/** How both programs run: exactly once, one thread, a commit every 100 ms, large batches in and out. */
final class StreamsSettings {
  private StreamsSettings() {}

  static void run(Topology topology, Options options) {
    KafkaStreams streams = new KafkaStreams(topology, of(options));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          System.exit(1);
          return null;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(5))));
    streams.start();
  }

  private static Properties of(Options options) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.text("group"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.text("brokers"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, options.text("dir"));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    // Updates of a window between two commits become one write of the store and one of the changelog.
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L << 20);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
    // A window is emitted as soon as stream time passes its end, not up to a second later: the end of the input is an end.
    settings.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_WINDOWED_AGGREGATION, 0L);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.consumerPrefix("max.poll.records"), 10_000);
    settings.put(StreamsConfig.consumerPrefix("fetch.max.bytes"), 64 << 20);
    settings.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), 8 << 20);
    // A crash is noticed as soon as it is in vitals-windowing; Kafka's own default is 45 s.
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000);
    settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 2_000);
    settings.put(StreamsConfig.restoreConsumerPrefix("max.poll.records"), 100_000);
    settings.put(StreamsConfig.restoreConsumerPrefix("max.partition.fetch.bytes"), 16 << 20);
    // All windows of a partition may close at one reading: a million keys take longer than the default of 10 s.
    settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 120_000);
    settings.put(StreamsConfig.producerPrefix("batch.size"), 1 << 18);
    settings.put(StreamsConfig.producerPrefix("linger.ms"), 20);
    settings.put(StreamsConfig.producerPrefix("buffer.memory"), 64L << 20);
    return settings;
  }
}
