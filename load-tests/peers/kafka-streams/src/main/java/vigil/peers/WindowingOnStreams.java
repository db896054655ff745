package vigil.peers;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
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
    StreamsSettings.run(topology(options).build(), options);
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
                // Its records carry event time: with a retention the broker deletes what is older, whatever is still needed.
                .withLoggingEnabled(Map.of("retention.ms", "-1")))
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

  private enum BuiltInStore {
    memory(BuiltInDslStoreSuppliers.IN_MEMORY),
    rocksdb(BuiltInDslStoreSuppliers.ROCKS_DB);

    private final org.apache.kafka.streams.state.DslStoreSuppliers suppliers;

    BuiltInStore(org.apache.kafka.streams.state.DslStoreSuppliers suppliers) {
      this.suppliers = suppliers;
    }
  }
}
