// Turns a C++ function into one that JavaScript can call: arguments are converted by their C++ types, exceptions become
// JavaScript errors (std::range_error a RangeError, std::system_error an Error with `code` and `syscall`, like Node's).
#pragma once

#include <node_api.h>
#include <uv.h>

#include <array>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "kernels.h"

namespace td {

inline void check(napi_status status, const char* message) { require(status == napi_ok, message); }

template <typename T>
T fromJs(napi_env env, napi_value value) {
  if constexpr (std::is_same_v<T, Bytes>) {
    napi_typedarray_type type;
    Bytes bytes{};
    void* data = nullptr;
    check(napi_get_typedarray_info(env, value, &type, &bytes.size, &data, nullptr, nullptr), "Uint8Array expected");
    require(type == napi_uint8_array, "Uint8Array expected");
    bytes.data = static_cast<uint8_t*>(data);
    return bytes;
  } else if constexpr (std::is_same_v<T, Floats>) {
    napi_typedarray_type type;
    Floats floats{};
    void* data = nullptr;
    check(napi_get_typedarray_info(env, value, &type, &floats.size, &data, nullptr, nullptr), "Float32Array expected");
    require(type == napi_float32_array, "Float32Array expected");
    floats.data = static_cast<float*>(data);
    return floats;
  } else if constexpr (std::is_same_v<T, Doubles>) {
    napi_typedarray_type type;
    Doubles doubles{};
    void* data = nullptr;
    check(napi_get_typedarray_info(env, value, &type, &doubles.size, &data, nullptr, nullptr), "Float64Array expected");
    require(type == napi_float64_array, "Float64Array expected");
    doubles.data = static_cast<double*>(data);
    return doubles;
  } else if constexpr (std::is_same_v<T, std::string>) {
    char text[64];
    size_t length = 0;
    check(napi_get_value_string_utf8(env, value, text, sizeof text, &length), "string expected");
    return std::string(text, length);
  } else {
    static_assert(std::is_arithmetic_v<T>);
    double number = 0;
    check(napi_get_value_double(env, value, &number), "number expected");
    require(std::is_same_v<T, double> || (number >= 0 && number <= 9007199254740991.0), "number out of range");
    return static_cast<T>(number);
  }
}

inline napi_value toJs(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

inline napi_value toJs(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

inline void throwSystemError(napi_env env, int number, const char* call) {
  const char* name = uv_err_name(uv_translate_sys_error(number));
  const std::string message = std::string(name) + ": " + uv_strerror(uv_translate_sys_error(number)) + ", " + call;
  napi_value error = nullptr;
  napi_create_error(env, toJs(env, std::string(name)), toJs(env, message), &error);
  napi_set_named_property(env, error, "syscall", toJs(env, std::string(call)));
  napi_throw(env, error);
}

template <typename Call>
napi_value withErrors(napi_env env, Call call) {
  try {
    return call();
  } catch (const std::range_error& error) {
    napi_throw_range_error(env, nullptr, error.what());
  } catch (const std::system_error& error) {
    // what() is "<call>: <text>"; the call is what is wanted of it.
    const std::string what = error.what();
    throwSystemError(env, error.code().value(), what.substr(0, what.find(':')).c_str());
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

template <typename Result, typename... Arguments, size_t... index>
napi_value callWith(napi_env env, Result (*function)(Arguments...), const napi_value* values,
                    std::index_sequence<index...>) {
  if constexpr (std::is_void_v<Result>) {
    function(fromJs<std::decay_t<Arguments>>(env, values[index])...);
    return nullptr;
  } else {
    return toJs(env, function(fromJs<std::decay_t<Arguments>>(env, values[index])...));
  }
}

template <typename Result, typename... Arguments>
napi_value callFromJs(napi_env env, napi_callback_info info, Result (*function)(Arguments...)) {
  return withErrors(env, [&] {
    std::array<napi_value, sizeof...(Arguments) + 1> values{};
    size_t count = sizeof...(Arguments);
    check(napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr), "arguments not readable");
    require(count == sizeof...(Arguments), "wrong number of arguments");
    return callWith(env, function, values.data(), std::index_sequence_for<Arguments...>());
  });
}

template <auto function>
napi_value bind(napi_env env, napi_callback_info info) {
  return callFromJs(env, info, function);
}

}  // namespace td
