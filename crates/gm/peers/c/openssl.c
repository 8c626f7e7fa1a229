/* OpenSSL as one process; see answer.h. Lines `= OPERATION ARGUMENTS`, in hexadecimal, are answered by the result: what
 * ours is compared with. An argument that may be empty ends in a dot. */
#include "answer.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

static const char DEFAULT_ID[] = "1234567812345678";

static byte *data, *out, sealed[65536], signature[128], message[64];
static size_t length, sealed_length, signature_length;
static EVP_PKEY *pair;
static EVP_CIPHER_CTX *cipher;
static int aead;
static enum { SM3, SIGN, VERIFY, ENCRYPT, DECRYPT, SM4 } what;

/* The context of a signature or verification, with the signer's identifier. */
static EVP_MD_CTX *with_id(EVP_PKEY *key, const byte *id, size_t id_length, int sign)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_PKEY_CTX *of = EVP_PKEY_CTX_new(key, NULL);
    int good;
    check(EVP_PKEY_CTX_set1_id(of, id, (int)id_length) > 0, "identifier");
    EVP_MD_CTX_set_pkey_ctx(hash, of);
    good = sign ? EVP_DigestSignInit(hash, NULL, EVP_sm3(), NULL, key) : EVP_DigestVerifyInit(hash, NULL, EVP_sm3(), NULL, key);
    check(good > 0, "begin");
    return hash;
}

static void end(EVP_MD_CTX *hash)
{
    EVP_PKEY_CTX *of = EVP_MD_CTX_get_pkey_ctx(hash);
    EVP_MD_CTX_free(hash);
    EVP_PKEY_CTX_free(of);
}

static size_t sign(EVP_PKEY *key, const byte *id, size_t id_length, const byte *text, size_t text_length)
{
    EVP_MD_CTX *hash = with_id(key, id, id_length, 1);
    size_t made = sizeof signature;
    check(EVP_DigestSign(hash, signature, &made, text, text_length) > 0, "sign");
    end(hash);
    return made;
}

static int verify(EVP_PKEY *key, const byte *id, size_t id_length, const byte *text, size_t text_length,
                  const byte *given, size_t given_length)
{
    EVP_MD_CTX *hash = with_id(key, id, id_length, 0);
    int good = EVP_DigestVerify(hash, given, given_length, text, text_length) == 1;
    end(hash);
    return good;
}

/* Encryption (1) or decryption (0) into `result`; 0 when it fails. */
static size_t crypt(EVP_PKEY *key, int seal, const byte *text, size_t text_length, byte *result, size_t room)
{
    EVP_PKEY_CTX *of = EVP_PKEY_CTX_new(key, NULL);
    int good = seal ? EVP_PKEY_encrypt_init(of) > 0 && EVP_PKEY_encrypt(of, result, &room, text, text_length) > 0
                    : EVP_PKEY_decrypt_init(of) > 0 && EVP_PKEY_decrypt(of, result, &room, text, text_length) > 0;
    EVP_PKEY_CTX_free(of);
    return good ? room : 0;
}

static int mode(const char *name, int encrypt, int is_aead)
{
    static const byte key[32] = "0123456789abcdeffedcba9876543210", iv[16] = "an initial value";
    EVP_CIPHER *of = EVP_CIPHER_fetch(NULL, name, NULL);
    if (!of)
        return 0;
    what = SM4;
    aead = is_aead;
    EVP_CIPHER_CTX_free(cipher);
    cipher = EVP_CIPHER_CTX_new();
    int good = EVP_CipherInit_ex2(cipher, of, NULL, NULL, encrypt, NULL);
    if (good && is_aead) {
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL);
        if (is_aead == 2)
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, NULL);
    }
    good = good && EVP_CipherInit_ex2(cipher, NULL, key, iv, encrypt, NULL);
    EVP_CIPHER_CTX_set_padding(cipher, 0);
    EVP_CIPHER_free(of);
    return good;
}

int prepare(const char *name, size_t size)
{
    free(data);
    free(out);
    data = calloc(1, size + 1);
    out = calloc(1, size + 64);
    length = size;
    if (!strncmp(name, "sm2_", 4)) {
        if (!pair)
            pair = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
        check(pair != NULL, "key generation");
    }
    if (!strcmp(name, "sm3"))
        return what = SM3, 1;
    if (!strcmp(name, "sm2_sign"))
        return what = SIGN, 1;
    if (!strcmp(name, "sm2_verify")) {
        signature_length = sign(pair, (const byte *)DEFAULT_ID, 16, message, 64);
        return what = VERIFY, 1;
    }
    if (!strcmp(name, "sm2_encrypt"))
        return what = ENCRYPT, 1;
    if (!strcmp(name, "sm2_decrypt")) {
        sealed_length = crypt(pair, 1, message, 64, sealed, sizeof sealed);
        return what = DECRYPT, sealed_length != 0;
    }
    if (!strcmp(name, "sm4_ecb"))
        return mode("SM4-ECB", 1, 0);
    if (!strcmp(name, "sm4_ctr"))
        return mode("SM4-CTR", 1, 0);
    if (!strcmp(name, "sm4_cbc_encrypt"))
        return mode("SM4-CBC", 1, 0);
    if (!strcmp(name, "sm4_cbc_decrypt"))
        return mode("SM4-CBC", 0, 0);
    if (!strcmp(name, "sm4_xts"))
        return mode("SM4-XTS", 1, 0);
    if (!strcmp(name, "sm4_gcm"))
        return mode("SM4-GCM", 1, 1);
    if (!strcmp(name, "sm4_ccm"))
        return mode("SM4-CCM", 1, 2);
    return 0;
}

void call(void)
{
    static const byte iv[16] = "an initial value";
    byte digest[32], tag[16];
    int made;
    switch (what) {
    case SM3:
        check(EVP_Digest(data, length, digest, NULL, EVP_sm3(), NULL), "digest");
        return;
    case SIGN:
        sign(pair, (const byte *)DEFAULT_ID, 16, message, 64);
        return;
    case VERIFY:
        check(verify(pair, (const byte *)DEFAULT_ID, 16, message, 64, signature, signature_length), "verify");
        return;
    case ENCRYPT:
        check(crypt(pair, 1, message, 64, sealed, sizeof sealed) != 0, "encrypt");
        return;
    case DECRYPT:
        check(crypt(pair, 0, sealed, sealed_length, signature, sizeof signature) == 64, "decrypt");
        return;
    case SM4:
        check(EVP_CipherInit_ex2(cipher, NULL, NULL, iv, -1, NULL), "initial value");
        if (aead == 2)
            check(EVP_CipherUpdate(cipher, NULL, &made, NULL, (int)length), "length");
        check(EVP_CipherUpdate(cipher, out, &made, data, (int)length), "update");
        check(EVP_CipherFinal_ex(cipher, out + made, &made), "end");
        if (aead)
            check(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, tag), "tag");
    }
}

/* What follows answers questions. */

static byte *argument[8];
static size_t argument_length[8];

static void hexadecimal(const byte *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%02x", bytes[i]);
    printf(".\n");
}

static EVP_PKEY *key_of(const byte *d, const byte *point)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *number = d ? BN_bin2bn(d, 32, NULL) : NULL;
    EVP_PKEY_CTX *of = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 65);
    if (number)
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_fromdata_init(of);
    int good = EVP_PKEY_fromdata(of, &key, d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters) > 0;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(of);
    BN_free(number);
    return good ? key : NULL;
}

static int modes(const char *name)
{
    /* Key, initial value, associated data, data. */
    static byte result[65536];
    int made = 0, more = 0, with_tag = !strcmp(name, "gcm") ? 1 : !strcmp(name, "ccm") ? 2 : 0;
    const char *full = with_tag == 1 ? "SM4-GCM" : with_tag == 2 ? "SM4-CCM" : !strcmp(name, "ctr") ? "SM4-CTR" : "SM4-CBC";
    EVP_CIPHER *of = EVP_CIPHER_fetch(NULL, full, NULL);
    if (!of)
        return 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex2(context, of, NULL, NULL, 1, NULL);
    if (with_tag)
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL);
    if (with_tag == 2)
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, NULL);
    EVP_CipherInit_ex2(context, NULL, argument[0], argument[1], 1, NULL);
    EVP_CIPHER_CTX_set_padding(context, 0);
    if (with_tag == 2)
        EVP_CipherUpdate(context, NULL, &made, NULL, (int)argument_length[3]);
    if (with_tag && argument_length[2])
        EVP_CipherUpdate(context, NULL, &made, argument[2], (int)argument_length[2]);
    made = 0;
    EVP_CipherUpdate(context, result, &made, argument[3], (int)argument_length[3]);
    EVP_CipherFinal_ex(context, result + made, &more);
    made += more;
    if (with_tag) {
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, result + made);
        made += 16;
    }
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(of);
    hexadecimal(result, (size_t)made);
    return 1;
}

static void answer(char *line)
{
    static byte result[65536];
    char *name = strtok(line, " \n");
    size_t made;
    EVP_PKEY *key = NULL;
    for (int count = 0; count < 8; count++) {
        char *word = strtok(NULL, " \n");
        if (!word)
            break;
        size_t digits = strspn(word, "0123456789abcdef");
        argument_length[count] = digits / 2;
        free(argument[count]);
        argument[count] = malloc(digits / 2 + 1);
        for (size_t i = 0; i < digits / 2; i++)
            sscanf(word + 2 * i, "%2hhx", &argument[count][i]);
    }
    if (!strcmp(name, "sm3")) {
        EVP_Digest(argument[0], argument_length[0], result, NULL, EVP_sm3(), NULL);
        hexadecimal(result, 32);
    } else if (!strcmp(name, "verify")) {
        key = key_of(NULL, argument[0]);
        printf("%d\n", key && verify(key, argument[1], argument_length[1], argument[2], argument_length[2], argument[3], argument_length[3]));
    } else if (!strcmp(name, "sign")) {
        key = key_of(argument[0], argument[1]);
        made = sign(key, argument[2], argument_length[2], argument[3], argument_length[3]);
        hexadecimal(signature, made);
    } else if (!strcmp(name, "decrypt")) {
        key = key_of(argument[0], argument[1]);
        made = crypt(key, 0, argument[2], argument_length[2], result, sizeof result);
        if (made)
            hexadecimal(result, made);
        else
            printf("-\n");
    } else if (!strcmp(name, "encrypt")) {
        key = key_of(NULL, argument[0]);
        made = crypt(key, 1, argument[1], argument_length[1], sealed, sizeof sealed);
        hexadecimal(sealed, made);
    } else if (!modes(name)) {
        printf("?\n");
    }
    EVP_PKEY_free(key);
    fflush(stdout);
}

int main(void)
{
    static char line[1 << 20];
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] == '=')
            answer(line + 2);
        else
            answer_rate(line);
    }
    return 0;
}
