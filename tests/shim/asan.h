// FGAN_ASAN: whether the address sanitizer watches.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define FGAN_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FGAN_ASAN 1
#endif
#endif

#if defined(FGAN_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
