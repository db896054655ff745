package vigil.peers;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Writes a closed window as Avro, field by field as the schema of vitals.window.closed.v1 lists them, with its deterministic id. */
public final class WindowRecord {
  private static final String[] CODES = {
    "heart_rate", "respiratory_rate", "oxygen_saturation", "temperature_c", "systolic", "diastolic"
  };
  private static final byte[][] CODE_BYTES = bytesOf(CODES);
  private static final byte[] CLOSED_BY = "watermark".getBytes(StandardCharsets.US_ASCII);

  private final int schemaId;
  private final long sizeMs;
  private final MessageDigest digest;
  private final AvroBuffer buffer = new AvroBuffer(1024);

  public WindowRecord(int schemaId, long sizeMs) {
    this.schemaId = schemaId;
    this.sizeMs = sizeMs;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The record of one vital, or null where the window holds nothing of it. */
  public byte[] encode(String token, long start, int vital, double[] cells) {
    int base = vital * Pane.CELLS;
    long n = (long) cells[base + Pane.N];
    if (n == 0) return null;
    buffer.begin(schemaId);
    buffer.putString(windowId(token, vital, start));
    buffer.putString(token.getBytes(StandardCharsets.ISO_8859_1));
    buffer.putString(CODE_BYTES[vital]);
    buffer.putLong(start);
    buffer.putLong(sizeMs);
    buffer.putLong(0); // revision
    buffer.putString(CLOSED_BY);
    buffer.putLong(n);
    buffer.putNumber(cells[base + Pane.MIN]);
    buffer.putNumber(cells[base + Pane.MAX]);
    buffer.putNumber(cells[base + Pane.MEAN]);
    if (n < 2) buffer.putLong(0);
    else buffer.putNumber(Math.sqrt(Math.max(0, cells[base + Pane.M2]) / (n - 1)));
    buffer.putNumber(cells[base + Pane.LAST]);
    buffer.putLong((long) cells[base + Pane.RECEIVED_AT]);
    return buffer.toBytes();
  }

  private byte[] windowId(String token, int vital, long start) {
    StringBuilder text = new StringBuilder(96);
    for (String part : new String[] {"window", token, CODES[vital], Long.toString(start), Long.toString(sizeMs)}) {
      text.append(part.length()).append(':').append(part);
    }
    byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 16).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[][] bytesOf(String[] texts) {
    byte[][] all = new byte[texts.length][];
    for (int index = 0; index < texts.length; index++) all[index] = texts[index].getBytes(StandardCharsets.US_ASCII);
    return all;
  }
}
