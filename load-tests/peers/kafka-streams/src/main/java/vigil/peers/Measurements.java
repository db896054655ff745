package vigil.peers;

import java.util.ArrayList;
import java.util.List;

/** The vitals of one message, judged as device-ingest judges them: what cannot be meant is excluded, the rest is kept. */
final class Measurements {
  static final String[] FIELDS = {
    "heart_rate", "respiratory_rate", "oxygen_saturation", "temperature_c", "systolic", "diastolic"
  };
  static final int HEART_RATE = 0, RESPIRATORY_RATE = 1, TEMPERATURE = 3, SYSTOLIC = 4, DIASTOLIC = 5, COUNT = 6;
  private static final double[] LOW = {20, 3, 50, 25, 40, 20};
  private static final double[] HIGH = {300, 70, 100, 45, 300, 200};

  record Excluded(String field, String code, double rawValue) {}

  /** As they came; NaN = absent or null. */
  final double[] raw = new double[COUNT];

  /** Of those that came: no number. */
  final boolean[] unreadable = new boolean[COUNT];

  /** In stored units; NaN = not measured or excluded. */
  final double[] values = new double[COUNT];

  final List<Excluded> excluded = new ArrayList<>();
  final List<String> flags = new ArrayList<>();

  void clear() {
    java.util.Arrays.fill(raw, Double.NaN);
    java.util.Arrays.fill(unreadable, false);
    excluded.clear();
    flags.clear();
  }

  void judge(boolean leadOff) {
    for (int vital = 0; vital < COUNT; vital++) values[vital] = judge(vital, leadOff);
    if (values[DIASTOLIC] >= values[SYSTOLIC]) {
      values[SYSTOLIC] = exclude(SYSTOLIC, "DIASTOLIC_NOT_BELOW_SYSTOLIC", raw[SYSTOLIC]);
      values[DIASTOLIC] = exclude(DIASTOLIC, "DIASTOLIC_NOT_BELOW_SYSTOLIC", raw[DIASTOLIC]);
    }
  }

  private double judge(int vital, boolean leadOff) {
    if (unreadable[vital]) return exclude(vital, "NOT_A_NUMBER", Double.NaN);
    double came = raw[vital];
    if (Double.isNaN(came)) return Double.NaN;
    double value = vital == TEMPERATURE ? celsius(came) : came;
    if (isPlausible(vital, value)) return value;
    if (vital == TEMPERATURE && came != 0 && isPlausible(vital, came)) {
      flags.add("TEMPERATURE_UNIT_CONVERTED");
      return came;
    }
    return exclude(vital, came != 0 ? "OUT_OF_RANGE" : leadOff ? "LEAD_OFF" : "ZERO_SIGNAL", came);
  }

  boolean isUsable() {
    for (double value : values) if (!Double.isNaN(value)) return true;
    for (Excluded each : excluded) {
      if (each.field.equals(FIELDS[HEART_RATE]) && each.rawValue >= 0 && each.rawValue < LOW[HEART_RATE]) return true;
      if (each.field.equals(FIELDS[RESPIRATORY_RATE]) && each.rawValue == 0) return true;
    }
    return false;
  }

  private double exclude(int vital, String code, double rawValue) {
    excluded.add(new Excluded(FIELDS[vital], code, rawValue));
    return Double.NaN;
  }

  private static boolean isPlausible(int vital, double value) {
    return value >= LOW[vital] && value <= HIGH[vital];
  }

  private static double celsius(double fahrenheit) {
    return Math.round((fahrenheit - 32) * 5 / 9 * 1e9) / 1e9;
  }
}
