// Early return on errors, for absl::Status and absl::StatusOr.
#pragma once

#include <utility>

#define GREFFE_CLIENT_RETURN_IF_ERROR(expression)                                         \
  do {                                                                                    \
    if (absl::Status greffe_client_status_ = (expression); !greffe_client_status_.ok()) { \
      return greffe_client_status_;                                                       \
    }                                                                                     \
  } while (false)

#define GREFFE_CLIENT_CONCAT_INNER_(a, b) a##b
#define GREFFE_CLIENT_CONCAT_(a, b) GREFFE_CLIENT_CONCAT_INNER_(a, b)
#define GREFFE_CLIENT_ASSIGN_OR_RETURN_IMPL_(result, target, expression) \
  auto result = (expression);                                            \
  if (!result.ok()) return result.status();                              \
  target = *std::move(result)

#define GREFFE_CLIENT_ASSIGN_OR_RETURN(target, expression) \
  GREFFE_CLIENT_ASSIGN_OR_RETURN_IMPL_(GREFFE_CLIENT_CONCAT_(greffe_client_result_, __LINE__), target, expression)
