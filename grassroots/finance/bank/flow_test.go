package bank

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file anew")

// K8, F3.23: state × act × office of a reconciliation and of a count, a line a
// right.
func TestMatrix(t *testing.T) {
	const file = "testdata/matrix.txt"
	got := TableFlow.Matrix() + "\n" + CountFlow.Matrix()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("the procedures are no longer those of %s (%v):\n%s", file, err, got)
	}
}
