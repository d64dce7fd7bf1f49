// Typed, non-variadic doors to the parts of libcurl that Swift cannot call, and nothing else.
//
// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic C functions, which Swift does not import.
// Each wrapper here takes the one argument type that its group of options takes, so the compiler checks the call.
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Receives bytes of a reply; returns how many it took. Fewer than size * count aborts the transfer.
typedef size_t (*ccurl_receiver)(char *bytes, size_t size, size_t count, void *context);

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
/// Error text of up to CURL_ERROR_SIZE bytes is written to `room` while the transfer runs.
CURLcode ccurl_set_error_room(CURL *easy, char *room);
/// Copies the body, so that it need not outlive the call.
CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t count);
/// Where head lines and body bytes go; `context` is handed to both.
CURLcode ccurl_set_receivers(CURL *easy, ccurl_receiver head, ccurl_receiver body, void *context);

/// 0 where there was no reply.
long ccurl_status(CURL *easy);

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);

/// One finished transfer, or easy == NULL when none is left to report.
typedef struct {
    CURL *easy;
    CURLcode result;
} ccurl_finished;

ccurl_finished ccurl_next_finished(CURLM *multi);

/// The one thing that any thread may do to a multi handle: end its poll. A number, not a pointer, so that Swift lets
/// it cross threads; the caller guarantees that the multi handle is still open.
typedef struct {
    uintptr_t multi;
} ccurl_waker;

ccurl_waker ccurl_make_waker(CURLM *multi);
void ccurl_wake(ccurl_waker waker);
