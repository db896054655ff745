package vigil.peers;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The windows of vitals-windowing on Flink: a mini-cluster of parallelism 1, checkpoints every 100 ms, an exactly-once sink. */
public final class WindowingOnFlink {
  private static final long SIZE_MS = 300_000;
  /** Flink closes a window when the watermark passes its end: waiting for the grace is the watermark's part. */
  private static final long GRACE_MS = 60_000;

  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    StreamExecutionEnvironment env = environment(options);
    WatermarkStrategy<Reading> eventTime =
        WatermarkStrategy.<Reading>forBoundedOutOfOrderness(Duration.ofMillis(GRACE_MS))
            .withTimestampAssigner((reading, recordTime) -> reading.observedAt);
    DataStream<Reading> readings = env.fromSource(source(options), eventTime, "readings");
    // All keys are in the one task: without the exchange in between a reading is never serialised again.
    DataStreamUtils.reinterpretAsKeyedStream(readings, reading -> reading.patientToken, Types.STRING)
        .window(TumblingEventTimeWindows.of(Duration.ofMillis(SIZE_MS)))
        .aggregate(
            new Statistics(),
            new Emission((int) options.number("schema")),
            PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO,
            PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO,
            Types.<Tuple2<byte[], byte[]>>TUPLE(Types.PRIMITIVE_ARRAY(Types.BYTE), Types.PRIMITIVE_ARRAY(Types.BYTE)))
        .sinkTo(sink(options));
    env.execute("windowing");
  }

  private static StreamExecutionEnvironment environment(Options options) {
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, options.text("store"));
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + options.text("dir"));
    if (!options.text("restore").isEmpty())
      configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, "file://" + options.text("restore"));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
    env.enableCheckpointing(100, CheckpointingMode.EXACTLY_ONCE);
    env.getCheckpointConfig().setMinPauseBetweenCheckpoints(0);
    env.getConfig().enableObjectReuse();
    // The default of 200 ms would be most of the latency of a window.
    env.getConfig().setAutoWatermarkInterval(20);
    return env;
  }

  private static KafkaSource<Reading> source(Options options) {
    return KafkaSource.<Reading>builder()
        .setBootstrapServers(options.text("brokers"))
        .setTopics(options.text("input"))
        .setGroupId(options.text("group"))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("isolation.level", "read_committed")
        .setProperty("commit.offsets.on.checkpoint", "true")
        .setProperty("max.poll.records", "10000")
        .setProperty("fetch.max.bytes", Integer.toString(64 << 20))
        .setProperty("max.partition.fetch.bytes", Integer.toString(8 << 20))
        .setDeserializer(new Readings())
        .build();
  }

  private static KafkaSink<Tuple2<byte[], byte[]>> sink(Options options) {
    String topic = options.text("output");
    Properties settings = new Properties();
    settings.put("transaction.timeout.ms", "600000");
    settings.put("batch.size", Integer.toString(1 << 18));
    settings.put("linger.ms", "20");
    return KafkaSink.<Tuple2<byte[], byte[]>>builder()
        .setBootstrapServers(options.text("brokers"))
        .setKafkaProducerConfig(settings)
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix(options.text("group"))
        .setRecordSerializer((record, context, timestamp) -> new ProducerRecord<>(topic, record.f0, record.f1))
        .build();
  }

  private static final class Readings implements KafkaRecordDeserializationSchema<Reading> {
    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Reading> out) {
      out.collect(Reading.parse(record.value()));
    }

    @Override
    public TypeInformation<Reading> getProducedType() {
      return TypeInformation.of(Reading.class);
    }
  }

  private static final class Statistics implements AggregateFunction<Reading, double[], double[]> {
    @Override
    public double[] createAccumulator() {
      return Pane.empty();
    }

    @Override
    public double[] add(Reading reading, double[] pane) {
      return Pane.add(pane, reading);
    }

    @Override
    public double[] getResult(double[] pane) {
      return pane;
    }

    @Override
    public double[] merge(double[] one, double[] other) {
      throw new UnsupportedOperationException("Tumbling windows are never merged.");
    }
  }

  private static final class Emission extends ProcessWindowFunction<double[], Tuple2<byte[], byte[]>, String, TimeWindow> {
    private final int schemaId;
    private transient WindowRecord writer;

    Emission(int schemaId) {
      this.schemaId = schemaId;
    }

    @Override
    public void process(String token, Context context, Iterable<double[]> panes, Collector<Tuple2<byte[], byte[]>> out) {
      if (writer == null) writer = new WindowRecord(schemaId, SIZE_MS);
      byte[] key = token.getBytes(StandardCharsets.ISO_8859_1);
      for (double[] pane : panes) {
        for (int vital = 0; vital < Reading.VITALS; vital++) {
          byte[] value = writer.encode(token, context.window().getStart(), vital, pane);
          if (value != null) out.collect(Tuple2.of(key, value));
        }
      }
    }
  }
}
