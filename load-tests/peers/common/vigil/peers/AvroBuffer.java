package vigil.peers;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Avro's primitives, behind the registry's wire header, into one buffer that is used again and again. */
final class AvroBuffer {
  private final ByteBuffer buffer;

  AvroBuffer(int mostBytes) {
    buffer = ByteBuffer.allocate(mostBytes);
  }

  void begin(int schemaId) {
    buffer.clear().order(ByteOrder.BIG_ENDIAN).put((byte) 0).putInt(schemaId).order(ByteOrder.LITTLE_ENDIAN);
  }

  void putLong(long value) {
    long raw = (value << 1) ^ (value >> 63);
    while ((raw & ~0x7fL) != 0) {
      buffer.put((byte) (raw & 0x7f | 0x80));
      raw >>>= 7;
    }
    buffer.put((byte) raw);
  }

  void putBoolean(boolean value) {
    buffer.put((byte) (value ? 1 : 0));
  }

  /** The second branch of a union with null. */
  void putNumber(double value) {
    buffer.put((byte) 2).putDouble(value);
  }

  void putString(byte[] bytes) {
    putLong(bytes.length);
    buffer.put(bytes);
  }

  byte[] toBytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.flip().get(bytes);
    return bytes;
  }
}
