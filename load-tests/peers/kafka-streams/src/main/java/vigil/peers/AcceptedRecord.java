package vigil.peers;

import java.nio.charset.StandardCharsets;

/** Writes an accepted reading as Avro, field by field as the schema of vitals.reading.accepted.v1 lists them. */
final class AcceptedRecord {
  private static final long HISTORIC_AFTER_MS = 900_000;

  private final int schemaId;
  private final AvroBuffer buffer = new AvroBuffer(16_384);

  AcceptedRecord(int schemaId) {
    this.schemaId = schemaId;
  }

  byte[] encode(DeviceMessage message, byte[] eventId, byte[] token, long receivedAt) {
    Measurements measured = message.measurements;
    buffer.begin(schemaId);
    buffer.putString(eventId);
    buffer.putString(token);
    text((String) message.deviceId);
    text(message.deviceClass);
    text(message.deviceModel);
    buffer.putLong(message.observedAt);
    buffer.putLong(receivedAt);
    buffer.putBoolean(receivedAt - message.observedAt > HISTORIC_AFTER_MS);
    for (double value : measured.values) optional(value);
    if (message.supplementalOxygen == null) buffer.putLong(0);
    else {
      buffer.putLong(1);
      buffer.putBoolean(message.supplementalOxygen);
    }
    if (message.consciousness == null) buffer.putLong(0);
    else {
      buffer.putLong(1);
      text(message.consciousness);
    }
    buffer.putLong(0); // birthYear
    if (!measured.excluded.isEmpty()) {
      buffer.putLong(measured.excluded.size());
      for (Measurements.Excluded each : measured.excluded) {
        text(each.field());
        text(each.code());
        optional(each.rawValue());
      }
    }
    buffer.putLong(0);
    if (!measured.flags.isEmpty()) {
      buffer.putLong(measured.flags.size());
      for (String flag : measured.flags) text(flag);
    }
    buffer.putLong(0);
    text(message.leadOff ? "LEAD_OFF" : message.deviceStatus);
    text(message.hospital);
    text(message.ward);
    text(message.room);
    return buffer.toBytes();
  }

  private void optional(double value) {
    if (Double.isNaN(value)) buffer.putLong(0);
    else buffer.putNumber(value);
  }

  private void text(String value) {
    buffer.putString(value.getBytes(StandardCharsets.ISO_8859_1));
  }
}
