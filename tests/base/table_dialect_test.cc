#include "storage/base/table_dialect.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/table_lists.h"
#include "storage/base/windows_1252.h"

namespace greffe {
namespace {

TEST(Windows1252Test, EveryCharacterComesBackAndFiveBytesAreNone) {
  int none = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    const auto text = FromWindows1252(bytes);
    if (!text) {
      ++none;
    } else {
      EXPECT_EQ(ToWindows1252(*text), bytes) << byte;
    }
  }
  EXPECT_EQ(none, 5);
  EXPECT_EQ(FromWindows1252("\x80 d\xe9j\xe0"), "€ déjà");
  EXPECT_FALSE(ToWindows1252("Ω"));
}

v1::TableDialect Form(std::string_view bytes, std::string* rest = nullptr) {
  v1::TableDialect dialect;
  EXPECT_TRUE(DetectForm(bytes, dialect).ok());
  if (rest != nullptr) *rest = std::string(bytes);
  return dialect;
}

TEST(TableDialectTest, EncodingAndDelimiterAreFoundOut) {
  std::string rest;
  EXPECT_EQ(Form("\xef\xbb\xbfid;titre\n", &rest).encoding(), v1::TABLE_ENCODING_UTF_8_BOM);
  EXPECT_EQ(rest, "id;titre\n");
  EXPECT_EQ(Form("id;r\xe9sum\xe9\n").encoding(), v1::TABLE_ENCODING_WINDOWS_1252);
  EXPECT_EQ(Form("id,résumé\n").encoding(), v1::TABLE_ENCODING_UTF_8);
  EXPECT_EQ(Form("id;résumé\n1;br\xe9\n").encoding(), v1::TABLE_ENCODING_UTF_8) << "with one cell that is damaged";
  EXPECT_EQ(Form("id;titre\n").delimiter(), v1::TABLE_DELIMITER_SEMICOLON);
  v1::TableDialect dialect;
  for (std::string_view bytes : {std::string_view("\xff\xfe"
                                                  "i\0d\0",
                                                  6),
                                 std::string_view("PK\x03\0", 4)}) {
    EXPECT_EQ(ReasonOf(DetectForm(bytes, dialect)), "ENCODING_UNKNOWN");
  }
}

TEST(TableDialectTest, LettersOfAMacAreNotTakenForOthers) {
  const auto reason = [](std::string_view bytes, v1::TableEncoding encoding = v1::TABLE_ENCODING_UNSPECIFIED) {
    v1::TableDialect dialect;
    dialect.set_encoding(encoding);
    return ReasonOf(DetectForm(bytes, dialect));
  };
  const std::string german = "id;title\n1;Geb\x8aude f\x9fr \x85l\n";
  EXPECT_EQ(reason(german), "ENCODING_UNKNOWN");
  EXPECT_EQ(reason(german, v1::TABLE_ENCODING_WINDOWS_1252), "");
  EXPECT_EQ(reason("id;title\n1;r\x8esum\x8e\n"), "ENCODING_UNKNOWN");
  for (const char* western : {"id;title\n1;don\x92t say \x93yes\x94 \x96 5\x80\n", "id;title\n1;c\x9cur, Du\x9a\x61n\n",
                              "id;title\n1;\x8ci, G\xe9n\xe9ral, Pe\x8e\n", "id;title\n1;JO\x8e\x45\n"}) {
    EXPECT_EQ(reason(western), "") << western;
  }
}

TEST(TableDialectTest, DatesOfBothKindsAreRead) {
  const auto any = v1::TABLE_DATES_UNSPECIFIED;
  EXPECT_EQ(ReadDate("2026-03-31", any), "2026-03-31");
  EXPECT_EQ(ReadDate(" 31/03/2026\xc2\xa0", any), "2026-03-31");
  EXPECT_EQ(ReadDate("1/3/2026", v1::TABLE_DATES_FRENCH), "2026-03-01");
  EXPECT_EQ(ReadDate("2026-03-31", v1::TABLE_DATES_FRENCH), "2026-03-31");
  EXPECT_EQ(ReadDate("2026-03-31 00:00:00", any), "2026-03-31");
  EXPECT_EQ(ReadDate("31/03/2026 00:00", any), "2026-03-31");
  EXPECT_EQ(ReadDate("", any), "");
  for (const char* wrong :
       {"31/02/2026", "03/31/2026", "31/03/26", "31.03.2026", "soon", "2026-3-31", "2026-03-31 14:00"}) {
    EXPECT_FALSE(ReadDate(wrong, any)) << wrong;
  }
  EXPECT_FALSE(ReadDate("01/03/2026", v1::TABLE_DATES_ISO));
  EXPECT_EQ(WriteDate("2026-03-31", v1::TABLE_DATES_FRENCH), "31/03/2026");
  EXPECT_EQ(WriteDate("", v1::TABLE_DATES_FRENCH), "");
}

TEST(TableDialectTest, DecimalsOfBothKindsAreRead) {
  const auto point = v1::TABLE_DECIMALS_POINT;
  const auto comma = v1::TABLE_DECIMALS_COMMA;
  EXPECT_EQ(ReadDecimal("1250.50", point), "1250.50");
  EXPECT_EQ(ReadDecimal("1,250.50", point), "1250.50");
  EXPECT_EQ(ReadDecimal("1 250,50", comma), "1250.50");
  EXPECT_EQ(ReadDecimal("1\xc2\xa0"
                        "250,50",
                        comma),
            "1250.50");
  EXPECT_EQ(ReadDecimal("-1\xe2\x80\xaf"
                        "250\xe2\x80\xaf"
                        "000,5",
                        comma),
            "-1250000.5");
  EXPECT_EQ(ReadDecimal("1.250,50", comma), "1250.50");
  EXPECT_EQ(ReadDecimal("\xe2\x88\x92"
                        "3",
                        comma),
            "-3");
  EXPECT_EQ(ReadDecimal("1,250", point), "1250");
  EXPECT_EQ(ReadDecimal("1,250", comma), "1.250");
  EXPECT_EQ(ReadDecimal("", comma), "");
  EXPECT_EQ(ReadDecimal("0.125", point), "0.125");
  for (const char* decimal : {"0.125", "-0.125", "012.345"}) {
    EXPECT_FALSE(ReadDecimal(decimal, comma)) << "no thousands begin with 0";
  }
  for (const char* wrong : {"1,25", "1250,500.0", "12 50", "1 2345", "x", "1.", "-", "1.5.0", "1e3", "12,3456"}) {
    EXPECT_FALSE(ReadDecimal(wrong, point)) << wrong;
  }
  EXPECT_EQ(WriteDecimal("-1250.50", comma), "-1250,50");
}

TEST(TableListsTest, ValuesInOneCellComeBack) {
  const std::vector<std::string> values = {"ada", "a; b", "c:\\d", " spaces ", "two\nlines", "end\\"};
  EXPECT_EQ(SplitList(JoinList(values)), values);
  EXPECT_EQ(SplitList(" ada ;; bob;"), (std::vector<std::string>{"ada", "bob"}));
  EXPECT_EQ(JoinList({"ada", "bob"}), "ada; bob");
  EXPECT_TRUE(SplitList("").empty());
}

}  // namespace
}  // namespace greffe
