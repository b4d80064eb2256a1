package sheet

import (
	"encoding/binary"
	"io"
	"os"
)

const (
	maxCell   = 32_767 * 4 // bytes that one cell can hold, by the format
	maxMemory = 8 << 20    // of shared texts; what is more goes to a file
	groupSize = 16         // shared texts found by one entry of the index
	maxTexts  = 10_000_000 // shared texts; a workbook that is no attack has far fewer
	slots     = 4096       // groups read back from the file that stay at hand
)

// texts is the table of shared strings (sharedStrings.xml): every text that
// cells name by number. A small table stays in memory, a large one moves to a
// temporary file, so that a roster of any length costs the same.
type texts struct {
	blob  []byte  // groups of length-prefixed texts, until they move to file
	index []int64 // where each group of 16 begins
	size  int64
	count int
	file  *os.File
	gone  bool     // its name, so that it ends with the process, whatever ends that
	slot  [][]byte // groups read back, by group % slots
	holds []int    // which group a slot holds, plus one
}

func (t *texts) add(text []byte) error {
	if t.count%groupSize == 0 {
		t.index = append(t.index, t.size+int64(len(t.blob)))
	}
	if t.count++; t.count > maxTexts {
		return errTooMuch
	}
	t.blob = binary.AppendUvarint(t.blob, uint64(len(text)))
	t.blob = append(t.blob, text...)
	if len(t.blob) < maxMemory {
		return nil
	}
	return t.flush()
}

// flush moves what is in memory to the file, which it makes first.
func (t *texts) flush() (err error) {
	if t.file == nil {
		if t.file, err = os.CreateTemp("", "unionhall-sheet-"); err != nil {
			return err
		}
		t.gone = os.Remove(t.file.Name()) == nil // Windows waits until it is closed
		t.slot, t.holds = make([][]byte, slots), make([]int, slots)
	}
	n, err := t.file.Write(t.blob)
	t.size += int64(n)
	t.blob = t.blob[:0]
	return err
}

// seal ends the filling.
func (t *texts) seal() error {
	if t.file == nil {
		return nil
	}
	err := t.flush()
	t.blob = nil
	return err
}

// get returns text number n, valid until the next call.
func (t *texts) get(n int) ([]byte, bool, error) {
	if n < 0 || n >= t.count {
		return nil, false, nil
	}
	group, err := t.group(n / groupSize)
	if err != nil {
		return nil, false, err
	}
	for range n % groupSize {
		size, k := binary.Uvarint(group)
		group = group[k+int(size):]
	}
	size, k := binary.Uvarint(group)
	return group[k : k+int(size)], true, nil
}

func (t *texts) group(g int) ([]byte, error) {
	from, to := t.index[g], t.size+int64(len(t.blob))
	if g+1 < len(t.index) {
		to = t.index[g+1]
	}
	if t.file == nil {
		return t.blob[from:to], nil
	}
	at := g % slots
	if t.holds[at] == g+1 {
		return t.slot[at], nil
	}
	t.holds[at] = 0
	if cap(t.slot[at]) > 4<<10 {
		t.slot[at] = nil // a group of very long texts does not stay
	}
	buf := append(t.slot[at][:0], make([]byte, to-from)...)
	if _, err := t.file.ReadAt(buf, from); err != nil && err != io.EOF {
		return nil, err
	}
	t.slot[at] = buf
	if len(buf) <= 4<<10 {
		t.holds[at] = g + 1
	}
	return buf, nil
}

func (t *texts) close() error {
	if t == nil || t.file == nil {
		return nil
	}
	err := t.file.Close()
	if !t.gone {
		if removed := os.Remove(t.file.Name()); err == nil {
			err = removed
		}
	}
	t.file = nil
	return err
}

// readTexts reads sharedStrings.xml. The reading aids of Japanese text (rPh)
// are no part of what a cell says.
func readTexts(s *scanner) (*texts, error) {
	t := &texts{}
	var text []byte
	inText, aside := false, false
	for {
		kind, err := s.next()
		if err == io.EOF {
			return t, t.seal()
		}
		if err != nil {
			return t, err
		}
		switch kind {
		case tokText:
			if inText && !aside {
				text = append(text, s.text...)
			}
		case tokOpen:
			switch string(s.name) {
			case "si":
				text = text[:0]
				if s.empty {
					err = t.add(nil)
				}
			case "t":
				inText = !s.empty
			case "rPh":
				aside = !s.empty
			}
		case tokClose:
			switch string(s.name) {
			case "si":
				err = t.add(unquote(unescape(text)))
			case "t":
				inText = false
			case "rPh":
				aside = false
			}
		}
		if len(text) > 2*maxCell { // as escaped; a text itself is shorter
			err = errLongCell
		}
		if err != nil {
			return t, err
		}
	}
}
