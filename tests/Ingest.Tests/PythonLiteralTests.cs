using CsCheck;
using LmmRec.Ingest.Sources;
using LmmRec.Sample;

namespace LmmRec.Ingest.Tests;

public sealed class PythonLiteralTests
{
    [Theory]
    [InlineData("'plain'", "plain")]
    [InlineData("\"it's\"", "it's")]
    [InlineData("'say \"hi\"'", "say \"hi\"")]
    [InlineData(@"'both \' and ""'", "both ' and \"")]
    [InlineData(@"'a\\b\nc\td\re'", "a\\b\nc\td\re")]
    [InlineData(@"'caf\xe9 \u20ac \U0001f600'", "café € 😀")]
    [InlineData(@"'\ud83d\ude00'", "😀")]
    [InlineData(@"'\101\0'", "A\0")]
    [InlineData(@"'\d stays, \. too'", @"\d stays, \. too")]
    [InlineData("u'old'", "old")]
    [InlineData("'&amp; é'", "&amp; é")]
    public void A_string_is_read_as_Python_reads_it(string literal, string text) => Assert.Equal(text, Parse(literal));

    [Fact]
    public void Numbers_names_lists_tuples_and_dictionaries_are_read()
    {
        Assert.Equal(42L, Parse("42"));
        Assert.Equal(-19.99, Parse("-19.99"));
        Assert.Equal(1e-7, Parse("1e-07"));
        Assert.Null(Parse(" None "));
        Assert.Equal(true, Parse("True"));
        Assert.Equal(false, Parse("False"));
        Assert.Equal([1L, "b", null], Assert.IsType<List<object?>>(Parse("[1, 'b', None]")));
        Assert.Equal([6710L, 128L], Assert.IsType<List<object?>>(Parse("(6710, 128,)")));
        Assert.Empty(Assert.IsType<Dictionary<string, object?>>(Parse("{}")));
        var ranks = Assert.IsType<Dictionary<string, object?>>(Parse("{'Toys &amp; Games': 5, 'x': {'y': [[]]}}"));
        Assert.Equal(5L, ranks["Toys &amp; Games"]);
    }

    [Theory]
    [InlineData("", "column 1: the line ends where a value must be")]
    [InlineData("{'a': 1", "column 8: ',' or '}' must follow")]
    [InlineData("{'a' 1}", "column 6: a ':' must follow the key")]
    [InlineData("{1: 2}", "column 3: a key must be a string")]
    [InlineData("['a' 'b']", "column 6: ',' or ']' must follow")]
    [InlineData("{'a': 'b}", "column 7: the string that begins here has no end")]
    [InlineData(@"'\x4'", @"column 2: \x needs 2 hexadecimal digits")]
    [InlineData(@"'\U00110000'", "column 2: is no code point")]
    [InlineData("1.2.3", "column 1: '1.2.3' is no number")]
    [InlineData("null", "column 1: 'n' begins no value (allowed: dictionary, list, string, number, None, True, False)")]
    [InlineData("__import__('os')", "column 1: '_' begins no value (allowed: dictionary, list, string, number, None, True, False)")]
    [InlineData("[1] 2", "column 5: something follows the value")]
    public void A_broken_literal_is_refused_with_its_column(string literal, string expected)
    {
        Assert.False(PythonLiteral.TryParse(literal, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_million_brackets_are_refused_and_do_not_overflow_the_stack()
    {
        Assert.False(PythonLiteral.TryParse(new string('[', 1_000_000), out _, out var fault));
        Assert.Contains("brackets within brackets", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_printed_as_a_Python_literal_is_read_back_the_same()
    {
        // Lone surrogates are no text, yet occur in scraped data: they must survive too.
        var text = Gen.OneOf(Gen.String, Gen.String[Gen.Char["'\"\\\nxué\u0000\ud83d"], 0, 12]);
        var number = Gen.Double.Where(double.IsFinite);
        var leaf = Gen.OneOf(text.Select(v => (object?)v), Gen.Long.Select(v => (object?)v), number.Select(v => (object?)v),
            Gen.Bool.Select(v => (object?)v), Gen.Const((object?)null));
        var value = Gen.Recursive<object?>((depth, inner) => depth > 3
            ? leaf
            : Gen.OneOf(leaf, inner.List[0, 4].Select(v => (object?)v), Gen.Dictionary(text, inner)[0, 4].Select(v => (object?)v)));

        value.Sample(v => Assert.Equivalent(v, Parse(PythonRepr.Of(v)), strict: true), seed: "0000KOIPe036", iter: 2000);
    }

    private static object? Parse(string literal) =>
        PythonLiteral.TryParse(literal, out var value, out var fault) ? value : throw new Xunit.Sdk.XunitException($"{literal}: {fault}");
}
