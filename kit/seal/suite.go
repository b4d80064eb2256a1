package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Suite names the algorithms of a generation of keys.
//
// law: R1.72
type Suite string

const (
	AES Suite = ""   // AES-256-GCM, HMAC-SHA-256
	SM  Suite = "sm" // SM4-GCM (GB/T 32907), HMAC-SM3 (GB/T 32905)
)

// Label is what the suite is called.
func (s Suite) Label() string {
	if s == SM {
		return "SM4-GCM, HMAC-SM3"
	}
	return "AES-256-GCM, HMAC-SHA-256"
}

// SuiteOf reads the word of a setting: aes or sm.
func SuiteOf(word string) (Suite, error) {
	if word == "aes" {
		return AES, nil
	}
	return Suite(word), Suite(word).check()
}

func (s Suite) check() error {
	if s != AES && s != SM {
		return fmt.Errorf("there is no suite %q: name aes or sm", string(s))
	}
	return nil
}

func (s Suite) hash() func() hash.Hash {
	if s == SM {
		return sm3.New
	}
	return sha256.New
}

// aead seals with a key of 32 bytes; SM4 takes the first sixteen.
func (s Suite) aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if s == SM {
		block, err = sm4.NewCipher(key[:sm4.BlockSize])
	}
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
