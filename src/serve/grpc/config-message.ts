import { type AnyMessage, fieldsOf, isMessage, type MessageName, type ModelConfig } from '../../triton/model-config.js';

/** A configuration as the messages of gRPC have it: 64-bit integers are strings. */
export const configMessage = (config: ModelConfig): object => message('ModelConfig', config);

function message(name: MessageName, fields: AnyMessage): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const { type, key: isMap, repeated } = fieldsOf(name)[key]!;
      const one = (item: unknown): unknown => {
        if (isMessage(type)) return message(type, item as AnyMessage);
        return typeof item === 'bigint' ? `${item}` : item;
      };
      if (isMap !== undefined) {
        return [key, Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, one(v)]))];
      }
      return [key, repeated ? (value as readonly unknown[]).map(one) : one(value)];
    }),
  );
}
