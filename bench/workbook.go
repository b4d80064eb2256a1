package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"unionhall/kit/ident"
)

var rosterHead = []any{"序号", "姓名", "性别", "民族", "出生日期", "证件号码", "学历", "移动电话", "政治面貌", "工作单位", "入会时间", "就业状况"}

var (
	family = []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石")
	given  = []rune("建国志强军伟海波涛鹏飞浩宇文斌辉明亮永立新东春生福龙山松振兴晓博超磊凯丽娜静敏燕艳霞雪梅兰芳英秀玲红桂琴云怡佳思雅琪莹颖慧洁婷萍菊")
)

// rosterRow thinks up one person; the areas of the numbers are none.
func rosterRow(i int, unions []string) []any {
	birth := fmt.Sprintf("%d-%02d-%02d", 1966+i%38, 1+i/7%12, 1+i/11%28)
	seq := i % 1000
	name := string(family[i*7%len(family)]) + string(given[i*13%len(given)])
	if i%6 > 0 {
		name += string(given[i*29/3%len(given)])
	}
	return []any{strconv.Itoa(i + 1), name, [2]string{"女", "男"}[seq%2], [4]string{"汉族", "汉族", "满族", "朝鲜族"}[i%4], birth,
		ident.CheckedID(fmt.Sprintf("994%03d%s%03d", i/1000, strings.ReplaceAll(birth, "-", ""), seq)),
		[3]string{"大学本科", "大学专科", "硕士研究生"}[i%3], fmt.Sprintf("154%08d", i*97%100_000_000), [3]string{"中共党员", "群众", "共青团员"}[i%3],
		unions[i%len(unions)], fmt.Sprintf("20%02d-%02d-%02d", 5+i%20, 1+i%12, 1+i%28), "在岗"}
}

// makesRoster writes the roster as Excel does, with its texts shared. Its
// arguments are the file, the number of rows and the file of unions.
func makesRoster(_ context.Context, args []string) (func() error, map[string]float64, error) {
	rows, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, nil, err
	}
	unions, err := readWords(args[2])
	return func() error {
		f := excelize.NewFile()
		defer f.Close()
		if err := f.SetSheetRow("Sheet1", "A1", &rosterHead); err != nil {
			return err
		}
		for i := range rows {
			row := rosterRow(i, unions)
			if err := f.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+2), &row); err != nil {
				return err
			}
		}
		return f.SaveAs(args[0])
	}, nil, err
}

// libraryReads is the floor of taking a workbook in: excelize reading it
// through as a stream, doing nothing with it.
func libraryReads(_ context.Context, args []string) (func() error, map[string]float64, error) {
	more := map[string]float64{}
	return func() error {
		n, err := eachRow(args[0], func([]string) error { return nil })
		more["rows"] = float64(n - 1)
		return err
	}, more, nil
}

func eachRow(path string, f func([]string) error) (n int, err error) {
	book, err := excelize.OpenFile(path, excelize.Options{UnzipXMLSizeLimit: 1 << 20, UnzipSizeLimit: 1 << 30})
	if err != nil {
		return 0, err
	}
	defer book.Close()
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err == nil {
			err = f(cells)
		}
		if err != nil {
			return n, err
		}
	}
	return n, rows.Error()
}

// libraryWrites is the floor of an export: excelize's stream writer with the
// cells of the file that the product has made, which are read beforehand.
func libraryWrites(_ context.Context, args []string) (func() error, map[string]float64, error) {
	var all [][]any
	_, err := eachRow(args[0], func(cells []string) error {
		row := make([]any, len(cells))
		for i, c := range cells {
			row[i] = c
		}
		all = append(all, row)
		return nil
	})
	return func() error {
		f := excelize.NewFile()
		defer f.Close()
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			return err
		}
		for i, row := range all {
			if err := w.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		out, err := os.Create(args[1])
		if err != nil {
			return err
		}
		return errors.Join(f.Write(out), out.Close())
	}, nil, err
}
