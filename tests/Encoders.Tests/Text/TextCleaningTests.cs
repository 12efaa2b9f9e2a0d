using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text;

public sealed class TextCleaningTests
{
    [Theory]
    [InlineData("a &amp; b", "a & b")]
    [InlineData("a &amp;amp; b", "a &amp; b")]
    [InlineData("&#39;&#x27;&#39", "'''")]
    [InlineData("caf&eacute", "café")]
    [InlineData("&notit; &ampere", "¬it; &ere")]
    [InlineData("&#150;", "–")]
    [InlineData("&#0; &#xD800;", "\uFFFD \uFFFD")]
    [InlineData("AT&T & more; &#; &unknown;", "AT&T & more; &#; &unknown;")]
    [InlineData("&apos;s &aposs &apos", "'s &aposs &apos")]
    [InlineData("&ndash &hearts;", "&ndash ♥")]
    [InlineData("&star; &phone; &CounterClockwiseContourIntegral;", "☆ ☎ ∳")]
    [InlineData("&NotEqualTilde;&fjlig;", "≂\u0338fj")]
    public void Entities_are_resolved_as_browsers_do(string text, string expected) => Assert.Equal(expected, new TextCleaning { Unescape = 1 }.Clean(text));

    [Fact]
    public void What_was_escaped_twice_is_resolved_twice_when_asked() => Assert.Equal("it's", new TextCleaning { Unescape = 2 }.Clean("it&amp;#39;s"));

    [Theory]
    [InlineData("“it’s”", "\"it's\"")]
    [InlineData("Ｆｕｌｌ　１", "Full 1")]
    [InlineData("a\u0000b\u0007c\td", "abc\td")]
    public void Typography_is_repaired_when_asked(string text, string expected)
    {
        Assert.Equal(expected, new TextCleaning { Repair = true }.Clean(text));
        Assert.Equal(text, new TextCleaning().Clean(text));
    }

    [Fact]
    public void What_entities_stand_for_is_repaired_too() => Assert.Equal("the children's \"best\" kite", new TextCleaning { Unescape = 2, Repair = true }.Clean("the children&rsquo;s &#8220;best&#x201D; kite"));
}
