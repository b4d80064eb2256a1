package print

import (
	_ "embed"
	"sync"

	"github.com/signintech/gopdf"
)

// fontFile is Noto Sans SC Regular (OFL 1.1, see font/OFL.txt). It stays in the
// program's file; what is drawn is read from there and copied into the paper.
//
//go:embed font/NotoSansSC-Regular.ttf
var fontFile []byte

const family = "noto"

// fonts is parsed at the first paper and shared by all: it is only read.
var fonts = sync.OnceValues(func() (*gopdf.FontContainer, error) {
	c := &gopdf.FontContainer{}
	return c, c.AddTTFFontData(family, fontFile)
})
