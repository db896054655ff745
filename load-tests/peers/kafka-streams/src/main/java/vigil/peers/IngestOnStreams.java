package vigil.peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * What device-ingest does, on Kafka Streams: device messages are judged, repeats are recognised, identity becomes a token, the
 * rest goes to quarantine.
 *
 * <p>Repeats are kept in a key-value store, by default one change of it and one changelog record a message; store `none` does
 * not look for repeats at all. Expiry after an hour is spared: nothing in the bench is that old.
 */
public final class IngestOnStreams {
  private static final String STORE = "recent-messages";
  private static final long REMEMBERED_SECONDS = 3600;

  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    byte[] secret = Base64.getDecoder().decode(Files.readString(Path.of(options.text("secret"))).trim());
    Topology topology = new Topology();
    var bytes = Serdes.Bytes();
    var array = Serdes.ByteArray();
    topology.addSource("received", bytes.deserializer(), array.deserializer(), options.text("input"));
    topology.addProcessor("ingest", () -> new Ingest(options, secret), "received");
    topology.addSink("accepted", options.text("output"), bytes.serializer(), array.serializer(), "ingest");
    topology.addSink("quarantine", options.text("quarantine"), bytes.serializer(), array.serializer(), "ingest");
    String store = options.text("store");
    if (!store.equals("none")) {
      KeyValueBytesStoreSupplier supplier =
          store.equals("memory") ? Stores.inMemoryKeyValueStore(STORE) : Stores.persistentKeyValueStore(STORE);
      topology.addStateStore(
          Stores.keyValueStoreBuilder(supplier, Serdes.Bytes(), Serdes.ByteArray()).withCachingDisabled().withLoggingEnabled(Map.of()),
          "ingest");
    }
    StreamsSettings.run(topology, options);
  }

  private static final class Ingest implements Processor<Bytes, byte[], Bytes, byte[]> {
    private final DeviceMessage message = new DeviceMessage();
    private final AcceptedRecord writer;
    private final String keyId;
    private final boolean dedupes;
    private final MessageDigest sha256;
    private final Mac mac;
    private final Map<String, Bytes> tokens = new HashMap<>();
    private ProcessorContext<Bytes, byte[]> context;
    private KeyValueStore<Bytes, byte[]> recent;

    Ingest(Options options, byte[] secret) {
      this.writer = new AcceptedRecord((int) options.number("schema"));
      this.keyId = options.text("key");
      this.dedupes = !options.text("store").equals("none");
      try {
        sha256 = MessageDigest.getInstance("SHA-256");
        mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      } catch (GeneralSecurityException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    @Override
    public void init(ProcessorContext<Bytes, byte[]> context) {
      this.context = context;
      this.recent = dedupes ? context.getStateStore(STORE) : null;
    }

    @Override
    public void process(Record<Bytes, byte[]> record) {
      RecordMetadata origin = context.recordMetadata().orElseThrow();
      String code = message.read(record.value(), record.timestamp());
      if (code != null) {
        quarantine(record, origin, code);
        return;
      }
      if (recent != null && isRepeat(record.timestamp() / 1000)) return;
      Bytes token = tokens.computeIfAbsent((String) message.patientId, this::tokenOf);
      byte[] value = writer.encode(message, eventId(origin), token.get(), record.timestamp());
      context.forward(new Record<>(token, value, record.timestamp()), "accepted");
    }

    private boolean isRepeat(long second) {
      String device = (String) message.deviceId;
      if (message.sequence == null) throw new UnsupportedOperationException("a message without sequence");
      String identity = "s" + device.length() + ":" + device + message.observedAt + ":" + message.sequence;
      Bytes hash = Bytes.wrap(Arrays.copyOf(sha256.digest(identity.getBytes(StandardCharsets.UTF_8)), 16));
      byte[] known = recent.get(hash);
      if (known != null && second - ByteBuffer.wrap(known).getInt() <= REMEMBERED_SECONDS) return true;
      recent.put(hash, ByteBuffer.allocate(4).putInt((int) second).array());
      return false;
    }

    private void quarantine(Record<Bytes, byte[]> record, RecordMetadata origin, String code) {
      RecordHeaders headers = new RecordHeaders(record.headers());
      header(headers, "vigil-origin-topic", origin.topic());
      header(headers, "vigil-origin-partition", Integer.toString(origin.partition()));
      header(headers, "vigil-origin-offset", Long.toString(origin.offset()));
      header(headers, "vigil-origin-timestamp", Long.toString(record.timestamp()));
      header(headers, "vigil-error-code", code);
      context.forward(new Record<>(record.key(), record.value(), record.timestamp(), headers), "quarantine");
    }

    private static void header(RecordHeaders headers, String name, String value) {
      headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private byte[] eventId(RecordMetadata origin) {
      String partition = Integer.toString(origin.partition()), offset = Long.toString(origin.offset());
      String text = "5:event" + origin.topic().length() + ":" + origin.topic() + partition.length() + ":" + partition
          + offset.length() + ":" + offset + "1:0";
      byte[] hash = sha256.digest(text.getBytes(StandardCharsets.ISO_8859_1));
      return HexFormat.of().formatHex(hash, 0, 16).getBytes(StandardCharsets.ISO_8859_1);
    }

    private Bytes tokenOf(String patientId) {
      byte[] hash = mac.doFinal(("patient\0" + patientId).getBytes(StandardCharsets.UTF_8));
      String token = Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 16));
      return Bytes.wrap((keyId + "." + token).getBytes(StandardCharsets.UTF_8));
    }
  }
}
