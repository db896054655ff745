package vigil.peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * One device message, read in one pass of Jackson's streaming parser and judged. One instance is filled again and again.
 *
 * <p>Spared is what the input of the bench does not contain: `units`, `message_id`, `birth_year`, the Avro form, text beyond
 * ASCII. Where such a thing comes it is an error of the program, not another result.
 */
final class DeviceMessage {
  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_DEPTH = 32;
  private static final long AHEAD_MS = 300_000;

  private final JsonFactory json =
      JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();
  final Measurements measurements = new Measurements();

  Object deviceId, patientId, timestamp;
  String sequence, deviceStatus, deviceClass, deviceModel, hospital, ward, room, consciousness;
  Boolean supplementalOxygen;
  long observedAt;
  boolean leadOff;
  private boolean badShape;

  /** The code under which it is refused, or null where it is accepted. */
  String read(byte[] bytes, long receivedAt) {
    if (bytes == null || bytes.length == 0) return "EMPTY_VALUE";
    if (bytes[0] == 0) return "UNKNOWN_SCHEMA_ID";
    if (bytes.length > MAX_BYTES) return "MESSAGE_TOO_LARGE";
    if (!isUtf8(bytes)) return "INVALID_UTF8";
    clear();
    try (JsonParser parser = json.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        skipRest(parser);
        return "BAD_SHAPE";
      }
      readMembers(parser);
      if (parser.nextToken() != null) return "NOT_JSON";
    } catch (JsonParseException notJson) {
      return "NOT_JSON";
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return badShape ? "BAD_SHAPE" : judge(receivedAt);
  }

  private String judge(long receivedAt) {
    String device = identifierProblem(deviceId);
    if (device != null) return device;
    String patient = identifierProblem(patientId);
    if (patient != null) return patient;
    observedAt = timestamp instanceof String text ? Timestamps.parse(text) : Timestamps.NONE;
    if (observedAt == Timestamps.NONE) return timestamp == null || timestamp instanceof String ? "BAD_TIMESTAMP" : "BAD_SHAPE";
    if (observedAt - receivedAt > AHEAD_MS) return "TIMESTAMP_AHEAD";
    leadOff = "LEAD_OFF".equals(deviceStatus);
    if (leadOff) measurements.flags.add("LEAD_OFF");
    measurements.judge(leadOff);
    return measurements.isUsable() || consciousness != null || leadOff ? null : "NO_USABLE_FIELD";
  }

  private void clear() {
    measurements.clear();
    deviceId = patientId = timestamp = null;
    sequence = consciousness = null;
    deviceStatus = deviceClass = deviceModel = hospital = ward = room = "";
    supplementalOxygen = null;
    badShape = false;
  }

  private void readMembers(JsonParser parser) throws IOException {
    Seen seen = new Seen();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (name) {
        case "device_id" -> { seen.once(0); deviceId = scalar(parser, token); }
        case "patient_id" -> { seen.once(1); patientId = scalar(parser, token); }
        case "timestamp" -> { seen.once(2); timestamp = scalar(parser, token); }
        case "sequence" -> { seen.once(3); sequence = token == JsonToken.VALUE_NULL ? null : parser.getText(); }
        case "measurements" -> { seen.once(4); readMeasurements(parser, token); }
        case "supplemental_oxygen" -> { seen.once(5); supplementalOxygen = token == JsonToken.VALUE_NULL ? null : parser.getBooleanValue(); }
        case "consciousness" -> { seen.once(6); consciousness = text(parser, token).isEmpty() ? null : parser.getText(); }
        case "device_status" -> { seen.once(7); deviceStatus = text(parser, token); }
        case "device_class" -> { seen.once(8); deviceClass = text(parser, token); }
        case "device_model" -> { seen.once(9); deviceModel = text(parser, token); }
        case "location" -> { seen.once(10); readLocation(parser, token); }
        case "units", "message_id", "birth_year" -> throw new UnsupportedOperationException(name);
        default -> { seen.once(name); parser.skipChildren(); }
      }
    }
    badShape |= seen.twice;
  }

  private void readMeasurements(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NULL) return;
    if (token != JsonToken.START_OBJECT) {
      badShape = true;
      parser.skipChildren();
      return;
    }
    Seen seen = new Seen();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken value = parser.nextToken();
      switch (name) {
        case "heart_rate" -> { seen.once(0); number(parser, value, 0); }
        case "respiratory_rate" -> { seen.once(1); number(parser, value, 1); }
        case "oxygen_saturation" -> { seen.once(2); number(parser, value, 2); }
        case "temperature" -> { seen.once(3); number(parser, value, 3); }
        case "blood_pressure" -> { seen.once(4); readPressure(parser, value); }
        default -> { seen.once(name); parser.skipChildren(); }
      }
    }
    badShape |= seen.twice;
  }

  private void readPressure(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NULL) return;
    if (token != JsonToken.START_OBJECT) {
      measurements.unreadable[Measurements.SYSTOLIC] = measurements.unreadable[Measurements.DIASTOLIC] = true;
      parser.skipChildren();
      return;
    }
    Seen seen = new Seen();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken value = parser.nextToken();
      switch (name) {
        case "systolic" -> { seen.once(0); number(parser, value, Measurements.SYSTOLIC); }
        case "diastolic" -> { seen.once(1); number(parser, value, Measurements.DIASTOLIC); }
        default -> { seen.once(name); parser.skipChildren(); }
      }
    }
    badShape |= seen.twice;
  }

  private void readLocation(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    Seen seen = new Seen();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken value = parser.nextToken();
      switch (name) {
        case "hospital" -> { seen.once(0); hospital = text(parser, value); }
        case "ward" -> { seen.once(1); ward = text(parser, value); }
        case "room" -> { seen.once(2); room = text(parser, value); }
        default -> { seen.once(name); parser.skipChildren(); }
      }
    }
    badShape |= seen.twice;
  }

  private void number(JsonParser parser, JsonToken token, int vital) throws IOException {
    if (token.isNumeric()) measurements.raw[vital] = parser.getDoubleValue();
    else if (token != JsonToken.VALUE_NULL) {
      measurements.unreadable[vital] = true;
      parser.skipChildren();
    }
  }

  /** Text as it is, null as null, anything else as an object that is no text. */
  private static Object scalar(JsonParser parser, JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING) return parser.getText();
    if (token == JsonToken.VALUE_NULL) return null;
    parser.skipChildren();
    return Boolean.FALSE;
  }

  private static String text(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      parser.skipChildren();
      return "";
    }
    String text = parser.getText();
    if (!isPrintable(text) || text.length() > 128) throw new UnsupportedOperationException("text that must be cleaned");
    return text;
  }

  private static boolean isPrintable(String text) {
    for (int at = 0; at < text.length(); at++) if (text.charAt(at) < 0x20 || text.charAt(at) > 0x7e) return false;
    return text.isEmpty() || (text.charAt(0) != ' ' && text.charAt(text.length() - 1) != ' ');
  }

  private static String identifierProblem(Object value) {
    if (value == null || "".equals(value)) return "MISSING_ID";
    if (!(value instanceof String text)) return "BAD_SHAPE";
    return text.length() <= 128 && isPrintable(text) ? null : "BAD_ID";
  }

  private static void skipRest(JsonParser parser) throws IOException {
    int depth = 0;
    for (JsonToken token = parser.currentToken(); token != null; token = parser.nextToken()) {
      if (token.isStructStart() && ++depth > MAX_DEPTH) return;
      if (token.isStructEnd()) depth--;
    }
  }

  private static boolean isUtf8(byte[] bytes) {
    byte all = 0;
    for (byte each : bytes) all |= each;
    if (all >= 0) return true;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return !(bytes.length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf);
    } catch (CharacterCodingException notUtf8) {
      return false;
    }
  }

  /** Tells a member that was written twice. */
  private static final class Seen {
    private int known;
    private Set<String> others;
    boolean twice;

    void once(int member) {
      twice |= (known & 1 << member) != 0;
      known |= 1 << member;
    }

    void once(String name) {
      if (others == null) others = new HashSet<>();
      twice |= !others.add(name);
    }
  }
}
