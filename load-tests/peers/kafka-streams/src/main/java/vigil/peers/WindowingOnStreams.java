package vigil.peers;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.WindowStore;

/** The windows of vitals-windowing on Kafka Streams: exactly once, one thread, final results only. */
public final class WindowingOnStreams {
  private static final long SIZE_MS = 300_000;
  private static final long GRACE_MS = 60_000;
  private static final long CORRECTABLE_MS = 900_000;

  public static void main(String[] args) {
    Options options = new Options(args);
    KafkaStreams streams = new KafkaStreams(topology(options).build(), settings(options));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          System.exit(1);
          return null;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(5))));
    streams.start();
  }

  private static StreamsBuilder topology(Options options) {
    Serde<Reading> readings = Serdes.serdeFrom((topic, reading) -> null, (topic, bytes) -> Reading.parse(bytes));
    Serde<double[]> panes = Serdes.serdeFrom((topic, pane) -> Pane.toBytes(pane), (topic, bytes) -> Pane.fromBytes(bytes));
    TimestampExtractor eventTime = (record, streamTime) -> ((Reading) record.value()).observedAt;
    WindowRecord writer = new WindowRecord((int) options.number("schema"), SIZE_MS);
    BuiltInStore store = BuiltInStore.valueOf(options.text("store"));

    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(options.text("input"), Consumed.with(Serdes.Bytes(), readings).withTimestampExtractor(eventTime))
        .groupByKey(Grouped.with(Serdes.Bytes(), readings))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMillis(SIZE_MS), Duration.ofMillis(GRACE_MS)))
        .emitStrategy(EmitStrategy.onWindowClose())
        .aggregate(
            Pane::empty,
            (key, reading, pane) -> Pane.add(pane, reading),
            Materialized.<Bytes, double[], WindowStore<Bytes, byte[]>>as("windows")
                .withStoreType(store.suppliers)
                .withKeySerde(Serdes.Bytes())
                .withValueSerde(panes)
                .withRetention(Duration.ofMillis(SIZE_MS + GRACE_MS + CORRECTABLE_MS))
                .withCachingEnabled()
                .withLoggingEnabled(Map.of()))
        .toStream()
        .flatMap((window, pane) -> records(writer, window, pane))
        .to(options.text("output"), Produced.with(Serdes.Bytes(), Serdes.ByteArray()));
    return builder;
  }

  private static List<KeyValue<Bytes, byte[]>> records(WindowRecord writer, Windowed<Bytes> window, double[] pane) {
    String token = new String(window.key().get(), StandardCharsets.ISO_8859_1);
    List<KeyValue<Bytes, byte[]>> records = new ArrayList<>(Reading.VITALS);
    for (int vital = 0; vital < Reading.VITALS; vital++) {
      byte[] value = writer.encode(token, window.window().start(), vital, pane);
      if (value != null) records.add(KeyValue.pair(window.key(), value));
    }
    return records;
  }

  private static Properties settings(Options options) {
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
    settings.put(StreamsConfig.producerPrefix("batch.size"), 1 << 18);
    settings.put(StreamsConfig.producerPrefix("linger.ms"), 20);
    settings.put(StreamsConfig.producerPrefix("buffer.memory"), 64L << 20);
    return settings;
  }

  private enum BuiltInStore {
    memory(BuiltInDslStoreSuppliers.IN_MEMORY),
    rocksdb(BuiltInDslStoreSuppliers.ROCKS_DB);

    private final org.apache.kafka.streams.state.DslStoreSuppliers suppliers;

    BuiltInStore(org.apache.kafka.streams.state.DslStoreSuppliers suppliers) {
      this.suppliers = suppliers;
    }
  }
}
