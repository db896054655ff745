package vigil.peers;

import java.nio.ByteBuffer;

/**
 * Statistics of one patient over one window, all six vitals in one flat array: one state access per reading.
 *
 * <p>Ties of event time are not broken by event id: the generator makes none, so the peers are spared keeping the id.
 */
public final class Pane {
  public static final int N = 0, MIN = 1, MAX = 2, MEAN = 3, M2 = 4, LAST = 5, LAST_AT = 6, RECEIVED_AT = 7, CELLS = 8;

  private Pane() {}

  public static double[] empty() {
    return new double[Reading.VITALS * CELLS];
  }

  /** Welford's update, in place. */
  public static double[] add(double[] cells, Reading reading) {
    for (int vital = 0; vital < Reading.VITALS; vital++) {
      double value = reading.vitals[vital];
      if (Double.isNaN(value)) continue;
      int base = vital * CELLS;
      double n = cells[base + N] + 1;
      double delta = value - cells[base + MEAN];
      double mean = cells[base + MEAN] + delta / n;
      cells[base + N] = n;
      cells[base + MEAN] = mean;
      cells[base + M2] += delta * (value - mean);
      if (n == 1 || value < cells[base + MIN]) cells[base + MIN] = value;
      if (n == 1 || value > cells[base + MAX]) cells[base + MAX] = value;
      if (reading.receivedAt > cells[base + RECEIVED_AT]) cells[base + RECEIVED_AT] = reading.receivedAt;
      if (n == 1 || reading.observedAt >= cells[base + LAST_AT]) {
        cells[base + LAST] = value;
        cells[base + LAST_AT] = reading.observedAt;
      }
    }
    return cells;
  }

  public static byte[] toBytes(double[] cells) {
    byte[] bytes = new byte[cells.length * Double.BYTES];
    ByteBuffer.wrap(bytes).asDoubleBuffer().put(cells);
    return bytes;
  }

  public static double[] fromBytes(byte[] bytes) {
    double[] cells = new double[bytes.length / Double.BYTES];
    ByteBuffer.wrap(bytes).asDoubleBuffer().get(cells);
    return cells;
  }
}
