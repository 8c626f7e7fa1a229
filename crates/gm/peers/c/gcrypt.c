/* libgcrypt as one process; see answer.h. Its SM2 is left out: it is a hundred times slower than the others. */
#include "answer.h"
#include <gcrypt.h>

static gcry_cipher_hd_t cipher;
static byte *data, digest[32], tag[16];
static size_t length;
static enum { SM3, ENCRYPT, DECRYPT, SEAL, CCM } what;

static int mode(int of, int key_length)
{
    static const byte key[32] = "0123456789abcdeffedcba9876543210";
    if (cipher)
        gcry_cipher_close(cipher);
    cipher = NULL;
    return !gcry_cipher_open(&cipher, GCRY_CIPHER_SM4, of, 0) && !gcry_cipher_setkey(cipher, key, (size_t)key_length);
}

int prepare(const char *name, size_t size)
{
    free(data);
    data = calloc(1, size + 1);
    length = size;
    what = ENCRYPT;
    if (!strcmp(name, "sm3"))
        return what = SM3, 1;
    if (!strcmp(name, "sm4_ecb"))
        return mode(GCRY_CIPHER_MODE_ECB, 16);
    if (!strcmp(name, "sm4_ctr"))
        return mode(GCRY_CIPHER_MODE_CTR, 16);
    if (!strcmp(name, "sm4_cbc_encrypt"))
        return mode(GCRY_CIPHER_MODE_CBC, 16);
    if (!strcmp(name, "sm4_xts"))
        return mode(GCRY_CIPHER_MODE_XTS, 32);
    if (!strcmp(name, "sm4_cbc_decrypt"))
        return what = DECRYPT, mode(GCRY_CIPHER_MODE_CBC, 16);
    if (!strcmp(name, "sm4_gcm"))
        return what = SEAL, mode(GCRY_CIPHER_MODE_GCM, 16);
    if (!strcmp(name, "sm4_ccm"))
        return what = CCM, mode(GCRY_CIPHER_MODE_CCM, 16);
    return 0;
}

void call(void)
{
    static const byte iv[16] = "an initial value";
    unsigned long long lengths[3] = {length, 0, 16};
    switch (what) {
    case SM3:
        gcry_md_hash_buffer(GCRY_MD_SM3, digest, data, length);
        return;
    case CCM:
    case SEAL:
        check(!gcry_cipher_reset(cipher), "reset");
        check(!gcry_cipher_setiv(cipher, iv, 12), "nonce");
        if (what == CCM)
            check(!gcry_cipher_ctl(cipher, GCRYCTL_SET_CCM_LENGTHS, lengths, sizeof lengths), "lengths");
        check(!gcry_cipher_encrypt(cipher, data, length, NULL, 0), "seal");
        check(!gcry_cipher_gettag(cipher, tag, 16), "tag");
        return;
    default:
        check(!gcry_cipher_reset(cipher), "reset");
        gcry_cipher_setiv(cipher, iv, 16);
        gcry_cipher_setctr(cipher, iv, 16);
        if (what == DECRYPT)
            check(!gcry_cipher_decrypt(cipher, data, length, NULL, 0), "decrypt");
        else
            check(!gcry_cipher_encrypt(cipher, data, length, NULL, 0), "encrypt");
    }
}

int main(void)
{
    static char line[4096];
    check(gcry_check_version(NULL) != NULL, "version");
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    while (fgets(line, sizeof line, stdin))
        answer_rate(line);
    return 0;
}
