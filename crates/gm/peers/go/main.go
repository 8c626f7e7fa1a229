// gmsm as one process: a line `OPERATION SIZE MILLISECONDS` on standard input is answered by calls per second of the
// thread's CPU time, or `-`; a line `= OPERATION ARGUMENTS` in hexadecimal by the result. Empty arguments are `.`.
package main

import (
	"bufio"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	gmcipher "github.com/emmansun/gmsm/cipher"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"github.com/emmansun/gmsm/sm9"
)

var defaultID = []byte("1234567812345678")

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// threadSeconds is the time this thread has run (clock 3 of Linux).
func threadSeconds() float64 {
	var time syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(unsafe.Pointer(&time)), 0)
	return float64(time.Sec) + float64(time.Nsec)/1e9
}

func rate(seconds float64, call func()) float64 {
	call()
	for calls := 1; ; calls *= 2 {
		begin := threadSeconds()
		for range calls {
			call()
		}
		if took := threadSeconds() - begin; took >= seconds/2 {
			return float64(calls) / took
		}
	}
}

func operation(name string, size int) func() {
	key, iv := make([]byte, 16), make([]byte, 16)
	copy(key, "0123456789abcdef")
	data, out := make([]byte, size), make([]byte, size, size+16)
	block := must(sm4.NewCipher(key))
	private := must(sm2.GenerateKey(rand.Reader))
	message := make([]byte, 64)
	switch name {
	case "sm2_sign":
		return func() { must(private.SignWithSM2(rand.Reader, defaultID, message)) }
	case "sm2_verify":
		signature := must(private.SignWithSM2(rand.Reader, defaultID, message))
		return func() {
			if !sm2.VerifyASN1WithSM2(&private.PublicKey, defaultID, message, signature) {
				panic("does not verify")
			}
		}
	case "sm2_encrypt":
		return func() { must(sm2.EncryptASN1(rand.Reader, &private.PublicKey, message)) }
	case "sm2_decrypt":
		sealed := must(sm2.EncryptASN1(rand.Reader, &private.PublicKey, message))
		return func() { must(sm2.Decrypt(private, sealed)) }
	case "sm2_exchange":
		// The responder's whole part: its ephemeral key, the shared key and its confirmation.
		other := must(sm2.GenerateKey(rand.Reader))
		a := must(sm2.NewKeyExchange(other, &private.PublicKey, defaultID, defaultID, 16, true))
		ephemeral := must(a.InitKeyExchange(rand.Reader))
		return func() {
			b := must(sm2.NewKeyExchange(private, &other.PublicKey, defaultID, defaultID, 16, true))
			_, _, err := b.RepondKeyExchange(rand.Reader, ephemeral)
			must(0, err)
		}
	case "sm9_sign", "sm9_verify":
		master := must(sm9.GenerateSignMasterKey(rand.Reader))
		user := must(master.GenerateUserKey([]byte("Alice"), 1))
		if name == "sm9_sign" {
			return func() { must(user.Sign(rand.Reader, message, nil)) }
		}
		signature := must(user.Sign(rand.Reader, message, nil))
		return func() {
			if !master.PublicKey().Verify([]byte("Alice"), 1, message, signature) {
				panic("does not verify")
			}
		}
	case "sm9_encrypt", "sm9_decrypt":
		master := must(sm9.GenerateEncryptMasterKey(rand.Reader))
		bob := []byte("Bob")
		if name == "sm9_encrypt" {
			return func() { must(master.PublicKey().Encrypt(rand.Reader, bob, 3, message, nil)) }
		}
		user := must(master.GenerateUserKey(bob, 3))
		sealed := must(master.PublicKey().Encrypt(rand.Reader, bob, 3, message, nil))
		return func() { must(user.DecryptASN1(bob, sealed)) }
	case "sm3":
		return func() { sm3.Sum(data) }
	case "sm4_ecb":
		if ecb, ok := block.(interface{ EncryptBlocks(dst, src []byte) }); ok {
			return func() {
				for at := 0; at+128 <= size; at += 128 {
					ecb.EncryptBlocks(out[at:at+128], data[at:at+128])
				}
			}
		}
		if ecb, ok := block.(interface{ NewECBEncrypter() cipher.BlockMode }); ok {
			return func() { ecb.NewECBEncrypter().CryptBlocks(out, data) }
		}
		return func() {
			for at := 0; at < size; at += 16 {
				block.Encrypt(out[at:], data[at:])
			}
		}
	case "sm4_ctr":
		return func() { cipher.NewCTR(block, iv).XORKeyStream(out, data) }
	case "sm4_cbc_encrypt":
		return func() { cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, data) }
	case "sm4_cbc_decrypt":
		return func() { cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data) }
	case "sm4_xts":
		return func() {
			must(gmcipher.NewXTSEncrypter(sm4.NewCipher, key, []byte("fedcba9876543210"), iv)).CryptBlocks(out, data)
		}
	case "sm4_gcm":
		gcm := must(cipher.NewGCM(block))
		return func() { gcm.Seal(out[:0], iv[:12], data, nil) }
	case "sm4_ccm":
		ccm := must(gmcipher.NewCCM(block))
		return func() { ccm.Seal(out[:0], iv[:12], data, nil) }
	}
	return nil
}

func public(bytes []byte) *ecdsa.PublicKey {
	return &ecdsa.PublicKey{Curve: sm2.P256(), X: new(big.Int).SetBytes(bytes[1:33]), Y: new(big.Int).SetBytes(bytes[33:])}
}

func private(d, point []byte) *sm2.PrivateKey {
	key := new(sm2.PrivateKey)
	key.PublicKey = *public(point)
	key.D = new(big.Int).SetBytes(d)
	return key
}

// sm9Answer is the part of answer for SM9: points as 04 ‖ X ‖ Y, master keys as INTEGER, signatures and ciphertexts as DER.
func sm9Answer(operation string, a [][]byte) ([]byte, error) {
	switch operation {
	case "sm9_extract_signing":
		master := must(sm9.UnmarshalSignMasterPrivateKeyASN1(a[0]))
		return must(master.GenerateUserKey(a[1], a[2][0])).Bytes(), nil
	case "sm9_extract_encryption":
		master := must(sm9.UnmarshalEncryptMasterPrivateKeyASN1(a[0]))
		return must(master.GenerateUserKey(a[1], a[2][0])).Bytes(), nil
	case "sm9_sign":
		user := must(sm9.UnmarshalSignPrivateKeyRaw(a[0]))
		user.SetMasterPublic(must(sm9.UnmarshalSignMasterPublicKeyRaw(a[1])))
		return user.Sign(rand.Reader, a[2], nil)
	case "sm9_verify":
		if must(sm9.UnmarshalSignMasterPublicKeyRaw(a[0])).Verify(a[1], a[2][0], a[3], a[4]) {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case "sm9_encrypt":
		modes := map[byte]sm9.EncrypterOpts{0: sm9.DefaultEncrypterOpts, 1: sm9.SM4ECBEncrypterOpts, 2: sm9.SM4CBCEncrypterOpts, 4: sm9.SM4OFBEncrypterOpts, 8: sm9.SM4CFBEncrypterOpts}
		return must(sm9.UnmarshalEncryptMasterPublicKeyRaw(a[0])).Encrypt(rand.Reader, a[1], a[2][0], a[3], modes[a[4][0]])
	case "sm9_encapsulate":
		key, c, err := sm9.WrapKey(rand.Reader, must(sm9.UnmarshalEncryptMasterPublicKeyRaw(a[0])), a[1], a[2][0], int(a[3][0]))
		return append(c, key...), err
	}
	user := must(sm9.UnmarshalEncryptPrivateKeyRaw(a[0]))
	switch operation {
	case "sm9_decrypt":
		return sm9.DecryptASN1(user, a[1], a[2])
	case "sm9_decapsulate":
		return sm9.UnwrapKey(user, a[1], a[2], int(a[3][0]))
	}
	return nil, errors.New("?")
}

func answer(words []string) string {
	arguments := make([][]byte, 0, len(words))
	for _, word := range words[1:] {
		arguments = append(arguments, must(hex.DecodeString(strings.TrimSuffix(word, "."))))
	}
	result := func(bytes []byte, err error) string {
		if err != nil {
			return "-"
		}
		return hex.EncodeToString(bytes) + "."
	}
	if strings.HasPrefix(words[0], "sm9_") {
		return result(sm9Answer(words[0], arguments))
	}
	switch a := arguments; words[0] {
	case "sm3":
		sum := sm3.Sum(a[0])
		return result(sum[:], nil)
	case "verify":
		if sm2.VerifyASN1WithSM2(public(a[0]), a[1], a[2], a[3]) {
			return "1"
		}
		return "0"
	case "sign":
		return result(private(a[0], a[1]).SignWithSM2(rand.Reader, a[2], a[3]))
	case "decrypt":
		return result(sm2.Decrypt(private(a[0], a[1]), a[2]))
	case "encrypt":
		return result(sm2.EncryptASN1(rand.Reader, public(a[0]), a[1]))
	case "ctr", "cbc", "gcm", "ccm":
		block := must(sm4.NewCipher(a[0]))
		out := make([]byte, len(a[3]))
		switch words[0] {
		case "ctr":
			cipher.NewCTR(block, a[1]).XORKeyStream(out, a[3])
		case "cbc":
			cipher.NewCBCEncrypter(block, a[1]).CryptBlocks(out, a[3])
		case "gcm":
			out = must(cipher.NewGCM(block)).Seal(nil, a[1][:12], a[3], a[2])
		case "ccm":
			out = must(gmcipher.NewCCM(block)).Seal(nil, a[1][:12], a[3], a[2])
		}
		return result(out, nil)
	}
	return "?"
}

func main() {
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if words[0] == "=" {
			fmt.Println(answer(words[1:]))
			continue
		}
		call := operation(words[0], must(strconv.Atoi(words[1])))
		if call == nil {
			fmt.Println("-")
			continue
		}
		fmt.Println(rate(must(strconv.ParseFloat(words[2], 64))/1e3, call))
	}
}
