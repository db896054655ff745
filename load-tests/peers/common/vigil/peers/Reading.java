package vigil.peers;

import java.nio.charset.StandardCharsets;

/** What windowing needs of an accepted reading, read straight from its Avro bytes; everything behind the vitals is left unread. */
public final class Reading {
  public static final int VITALS = 6;
  private static final int WIRE_HEADER_BYTES = 5;

  public String patientToken = "";
  public long observedAt;
  public long receivedAt;
  /** By vital, in the order of the schema; NaN = not measured. */
  public double[] vitals = new double[VITALS];

  public static Reading parse(byte[] bytes) {
    Reading reading = new Reading();
    Cursor cursor = new Cursor(bytes, WIRE_HEADER_BYTES);
    cursor.skipString(); // eventId
    int length = (int) cursor.readLong();
    reading.patientToken = new String(bytes, cursor.position, length, StandardCharsets.ISO_8859_1);
    cursor.position += length;
    cursor.skipString(); // deviceId
    cursor.skipString(); // deviceClass
    cursor.skipString(); // deviceModel
    reading.observedAt = cursor.readLong();
    reading.receivedAt = cursor.readLong();
    cursor.position++; // historic
    for (int vital = 0; vital < VITALS; vital++) {
      reading.vitals[vital] = cursor.readLong() == 0 ? Double.NaN : cursor.readDouble();
    }
    return reading;
  }

  private static final class Cursor {
    private static final java.lang.invoke.VarHandle DOUBLES =
        java.lang.invoke.MethodHandles.byteArrayViewVarHandle(double[].class, java.nio.ByteOrder.LITTLE_ENDIAN);
    private final byte[] bytes;
    private int position;

    Cursor(byte[] bytes, int position) {
      this.bytes = bytes;
      this.position = position;
    }

    long readLong() {
      long raw = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes[position++];
        raw |= (long) (next & 0x7f) << shift;
        if (next >= 0) return (raw >>> 1) ^ -(raw & 1);
      }
    }

    double readDouble() {
      double value = (double) DOUBLES.get(bytes, position);
      position += Double.BYTES;
      return value;
    }

    void skipString() {
      int length = (int) readLong();
      position += length;
    }
  }
}
