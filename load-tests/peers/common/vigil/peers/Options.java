package vigil.peers;

import java.util.HashMap;
import java.util.Map;

/** Settings of a peer, given as name=value. All are needed; the harness writes them. */
public final class Options {
  private final Map<String, String> values = new HashMap<>();

  public Options(String[] args) {
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals < 1) throw new IllegalArgumentException("Not name=value: " + arg);
      values.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
  }

  public String text(String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("Missing option " + name + "=…");
    return value;
  }

  public long number(String name) {
    return Long.parseLong(text(name));
  }
}
