package vigil.peers;

/** RFC 3339 with a zone, to milliseconds, read from its characters: java.time takes ten times as long. Without leap seconds. */
final class Timestamps {
  static final long NONE = Long.MIN_VALUE;
  private static final int[] DAYS_BEFORE = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  private static final int[] DAYS_IN = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private Timestamps() {}

  static long parse(String text) {
    int length = text.length();
    if (length < 20 || length > 64) return NONE;
    char separator = text.charAt(10);
    if (text.charAt(4) != '-' || text.charAt(7) != '-' || (separator != 'T' && separator != 't')) return NONE;
    if (text.charAt(13) != ':' || text.charAt(16) != ':') return NONE;
    int century = two(text, 0), year = century * 100 + two(text, 2), month = two(text, 5), day = two(text, 8);
    int hours = two(text, 11), minutes = two(text, 14), seconds = two(text, 17);
    if (century < 0 || two(text, 2) < 0 || year < 1 || month < 1 || month > 12 || day < 1) return NONE;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return NONE;
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > DAYS_IN[month - 1] + (month == 2 && leap ? 1 : 0)) return NONE;
    int before = year - 1;
    long days = (year - 1970) * 365L + before / 4 - before / 100 + before / 400 - 477
        + DAYS_BEFORE[month - 1] + (month > 2 && leap ? 1 : 0) + day - 1;
    int at = 19;
    int ms = 0;
    if (text.charAt(at) == '.') {
      int scale = 100;
      for (at++; at < length && isDigit(text.charAt(at)); at++, scale /= 10) ms += (text.charAt(at) - '0') * scale;
      if (at == 20) return NONE;
    }
    long zone = zoneMs(text, at);
    if (zone == NONE) return NONE;
    long result = days * 86_400_000L + (hours * 60L + minutes) * 60_000L + seconds * 1000L + ms - zone;
    return result < 0 ? NONE : result;
  }

  private static long zoneMs(String text, int at) {
    if (at >= text.length()) return NONE;
    char sign = text.charAt(at);
    if (sign == 'Z' || sign == 'z') return text.length() == at + 1 ? 0 : NONE;
    if ((sign != '+' && sign != '-') || text.length() != at + 6 || text.charAt(at + 3) != ':') return NONE;
    int hours = two(text, at + 1), minutes = two(text, at + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NONE;
    return (hours * 60L + minutes) * (sign == '+' ? 60_000L : -60_000L);
  }

  private static int two(String text, int at) {
    char tens = text.charAt(at), ones = text.charAt(at + 1);
    return isDigit(tens) && isDigit(ones) ? (tens - '0') * 10 + ones - '0' : -1;
  }

  private static boolean isDigit(char each) {
    return each >= '0' && each <= '9';
  }
}
