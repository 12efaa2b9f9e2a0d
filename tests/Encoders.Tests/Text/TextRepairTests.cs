using System.Text.Json;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text;

public sealed class TextRepairTests
{
    [Theory]
    [InlineData("a cafÃ© au lait", "a café au lait")]
    [InlineData("the childrenâ€™s kite", "the children's kite")]
    [InlineData("childrenÃ¢â‚¬â„¢s", "children's")]                                              // twice
    [InlineData("childrenâ\u0080\u0099s", "children's")]                                         // as Latin 1
    [InlineData("Â£9.99 and Â½ price", "£9.99 and ½ price")]
    [InlineData("dÃ©jÃ vu, voilÃ quoi", "déjà vu, voilà quoi")]                                // A0 became a blank
    [InlineData("cotton â€\u009d", "cotton \"")]                                                // a byte that Windows does not know
    [InlineData("from â€œhereâ€�", "from \"here�")]                                           // a byte that was lost
    [InlineData("‘mug’ crÃ¨me", "'mug' crème")]                                                // beside what was read well
    [InlineData("РџСЂРёРІРµС‚", "Привет")]                                                      // as Windows 1251
    [InlineData("K√∂nig und Gr√∂√üe", "König und Größe")]                                      // as Macintosh
    [InlineData("price \u0080 5\u0085", "price € 5…")]                                           // control characters of Latin 1 are Windows'
    public void Misread_encodings_are_read_again(string text, string expected) => Assert.Equal(expected, TextRepair.Of(text));

    [Theory]
    [InlineData("café crème, Größe, señorita")]
    [InlineData("15 °C, ½ inch, 3×4, €5, ™ ® ©")]
    [InlineData("Привет, ελληνικά, 日本語, 👗")]
    [InlineData("SÃO PAULO")]
    [InlineData("a – b — c… d")]
    public void Texts_that_were_read_well_stay(string text) => Assert.Equal(text, TextRepair.Of(text));

    [Theory]
    [InlineData("cafe\u0301 cre\u0300me", "café crème")]
    [InlineData("A\u030Angstro\u0308m", "Ångström")]
    [InlineData("a\u0323\u0302 a\u0302\u0323", "ậ ậ")]                                          // marks in either order
    [InlineData("\u1112\u1161\u11AB \uD558\u11AB", "한 한")]
    [InlineData("\u0915\u093C", "\u0915\u093C")]                                                // never composed
    [InlineData("\u212B\u2126", "ÅΩ")]
    [InlineData("ﾊﾟﾝ ｶﾞ ﾡ", "パン ガ ᄀ")]
    [InlineData("￡５ ￦", "£5 ₩")]
    [InlineData("ﬁne ﬂuﬀy oﬃce ĳs Ǆ", "fine fluffy office ijs DŽ")]
    [InlineData("‘a’ ‚b‛ “c” „d‟ ʼe", "'a' 'b' \"c\" \"d\" 'e")]
    [InlineData("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne")]
    [InlineData("\uFEFFa\u0007b\u206Ac", "abc")]
    [InlineData("\u001B[31mred\u001B[0m", "red")]
    [InlineData("soft\u00ADhyphen non\u00A0breaking", "soft\u00ADhyphen non\u00A0breaking")]
    public void Forms_of_characters_become_the_usual_ones(string text, string expected) => Assert.Equal(expected, TextRepair.Of(text));

    [Fact]
    public void A_text_that_is_escaped_a_thousand_times_is_not_resolved_to_its_end() =>
        Assert.Equal("&" + string.Concat(Enumerable.Repeat("amp;", 1000 - 32)), TextRepair.Of("&" + string.Concat(Enumerable.Repeat("amp;", 1000))));

    [Fact]
    public void A_long_run_of_marks_is_ordered_by_class_and_stays_in_order_within_one() => Assert.Equal(
        "\u1EA1" + new string('\u0323', 4999) + string.Concat(Enumerable.Repeat("\u0301\u0300", 2500)),
        TextRepair.Of("a" + string.Concat(Enumerable.Repeat("\u0301\u0323\u0300\u0323", 2500))));

    [Fact]
    public void Half_a_pair_of_surrogates_is_a_lost_character() => Assert.Equal("a\uFFFDb", TextRepair.Of("a\uD83Db"));

    [Theory]
    [InlineData("R&amp;amp;B", "R&B")]
    [InlineData("&rsquo;s &EACUTE;t&eacute;", "'s Été")]
    [InlineData("&amp chips &copy 2014 &bogus; &#59;", "&amp chips &copy 2014 &bogus; &#59;")]   // without semicolon: not yet
    [InlineData("a &amp; b\n<b>c &amp; d\ne &amp; f", "a & b\n<b>c &amp; d\ne &amp; f")]         // HTML begins in the second line
    public void Whole_entities_are_resolved_as_often_as_there_are(string text, string expected) => Assert.Equal(expected, TextRepair.Of(text));

    [Fact]
    public void Clips_ids_of_texts_that_need_repair_are_openais()
    {
        var merges = VocabularyFile.ReadLines(Beside.Fixture("text-and-images/bpe_simple_vocab_16e6.txt.gz"));
        var tokenizer = new BytePairTokenizer(merges, new TextCleaning { Unescape = 2, Repair = true }, BytePairTokenizer.MergesOf(49408));
        using var cases = JsonDocument.Parse(File.ReadAllText(Beside.Case("clip-texts.json")));
        var ids = new long[77];
        foreach (var text in cases.RootElement.EnumerateArray())
        {
            var count = tokenizer.Encode(text.GetProperty("text").GetString()!, ids);
            Assert.Equal(text.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64()), ids.Take(count));
        }
    }
}
