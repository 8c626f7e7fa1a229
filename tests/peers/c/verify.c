/* Verifies files through the C ABI: verify TRUST-DIR FILE... ; prints each verdict; exits 0 when every call was answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "yinxin.h"

static uint8_t *request(const char *options, const uint8_t *content, size_t content_len, size_t *len) {
    size_t n = strlen(options);
    uint8_t *out = malloc(4 + n + content_len);
    if (!out) exit(70);
    out[0] = (uint8_t)(n >> 24); out[1] = (uint8_t)(n >> 16); out[2] = (uint8_t)(n >> 8); out[3] = (uint8_t)n;
    memcpy(out + 4, options, n);
    if (content_len) memcpy(out + 4 + n, content, content_len);
    *len = 4 + n + content_len;
    return out;
}

static int call(const char *op, const char *options, const uint8_t *content, size_t content_len, char **text) {
    size_t len, reply_len;
    uint8_t *reply;
    uint8_t *req = request(options, content, content_len, &len);
    int code = yx_call(op, req, len, &reply, &reply_len);
    free(req);
    *text = malloc(reply_len + 1);
    if (!*text) exit(70);
    memcpy(*text, reply, reply_len);
    (*text)[reply_len] = 0;
    yx_free(reply, reply_len);
    return code;
}

int main(int argc, char **argv) {
    char options[4096], *text;
    if (argc < 3) { fprintf(stderr, "usage: %s TRUST-DIR FILE...\n", argv[0]); return 2; }
    if (yx_call("verify", NULL, 0, NULL, NULL) != YX_USAGE) return 70;
    yx_free(NULL, 0);
    if (call("no-such-operation", "{}", NULL, 0, &text) != YX_USAGE) return 70;
    free(text);
    snprintf(options, sizeof options, "{\"dir\":\"%s\"}", argv[1]);
    int code = call("trust.open", options, NULL, 0, &text);
    if (code) { fprintf(stderr, "%s\n", text); return code; }
    const char *number = strstr(text, "\"trust\":");
    if (!number) return 70;
    snprintf(options, sizeof options, "{\"trust\":%ld}", strtol(number + 8, NULL, 10));
    free(text);
    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file) { perror(argv[i]); return 6; }
        fseek(file, 0, SEEK_END);
        long size = ftell(file);
        rewind(file);
        uint8_t *content = malloc(size > 0 ? (size_t)size : 1);
        if (!content || fread(content, 1, (size_t)size, file) != (size_t)size) return 6;
        fclose(file);
        code = call("verify", options, content, (size_t)size, &text);
        free(content);
        if (code) { fprintf(stderr, "%s\n", text); return code; }
        const char *verdict = strstr(text, "\"verdict\":\"");
        if (!verdict) return 70;
        printf("%.*s\n", (int)strcspn(verdict + 11, "\""), verdict + 11);
        free(text);
    }
    code = call("trust.close", options, NULL, 0, &text);
    free(text);
    return code;
}
