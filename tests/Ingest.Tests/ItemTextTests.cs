using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Sources;
using LmmRec.Ingest.Texts;

namespace LmmRec.Ingest.Tests;

public sealed class ItemTextTests
{
    [Fact]
    public void The_text_of_an_item_is_MMRecs()
    {
        Assert.Equal("Mug Acme Home Mugs It's blue. Big.", ItemText.Of(new ItemRecord("Mug", "Acme", ["Home", "Mugs"], "It's blue.\nBig.", [])));
        Assert.Equal("Mug Acme Home one  two", ItemText.Of(new ItemRecord("Mug", "Acme", ["Home"], "one\r\ntwo", [])));
        Assert.Equal("  Acme   ", ItemText.Of(new ItemRecord(null, "Acme", [], null, [])));
        Assert.Equal("Mug  Mugs ", ItemText.Of(new ItemRecord("Mug", "", ["Mugs"], "", [])));
    }

    [Fact]
    public void An_item_of_which_nothing_is_said_has_no_text()
    {
        Assert.Equal("", ItemText.Of(new ItemRecord(null, null, [], null, [])));
        Assert.Equal("", ItemText.Of(new ItemRecord("", " ", [], "\r\n", [PicturePlace.OnWeb("http://shop.test/1")])));
        Assert.Equal("", ItemText.Of(new ItemRecord("<style>.a { color: red }</style>", null, ["<br>"], "&nbsp;", [])));
    }

    [Fact]
    public void Every_field_is_cleaned()
    {
        var item = new ItemRecord("<b>Mug</b>", "M&amp;S", ["Home &amp; Kitchen"], "<p>Blue.</p>", []);
        Assert.Equal("Mug M&S Home & Kitchen  Blue. ", ItemText.Of(item));
    }

    [Theory]
    [InlineData("fits 5 < 6 and I <3 it", "fits 5 < 6 and I <3 it")]
    [InlineData("size &lt; 5 &amp;lt; 6", "size < 5 &lt; 6")]
    [InlineData("&lt;i&gt;new&lt;/i&gt;", "new")]
    [InlineData("H<sub>2</sub>O", "H2O")]
    [InlineData("one<br/>two<LI>three</LI>", "one two three ")]
    [InlineData("a<!-- <b> > -->b<!-->c<!doctype html>d</>e", "abcde")]
    [InlineData("<img alt=\"5 > 3\" title='a>b'>x", " x")]
    [InlineData("<STYLE type=\"text/css\">a > b { }</Style >x<script>if (a < b) { }</script>y", " x y")]
    [InlineData("a\0b\u0007c\td\u0085e&#1;f", "abc d ef")]
    [InlineData("\U0001F381 caf\u00E9 \u2028 \u200D", "\U0001F381 caf\u00E9 \u2028 \u200D")]
    public void A_field_keeps_its_words_without_entities_tags_and_controls(string field, string expected) => Assert.Equal(expected, PlainText.Of(field));

    [Theory]
    [InlineData("up to <xl and more", "up to <xl and more")]
    [InlineData("a <!-- b", "a <!-- b")]
    [InlineData("<style>a", " a")]
    [InlineData("<script>a</script", " </script")]
    [InlineData("<a href=\"x>b", "b")]
    [InlineData("<", "<")]
    [InlineData("a</", "a</")]
    public void What_has_no_end_is_no_markup(string field, string expected) => Assert.Equal(expected, PlainText.Of(field));

    [Theory]
    [InlineData("<", "")]
    [InlineData("<a ", "")]
    [InlineData("<!--", "")]
    [InlineData("<a ='>'", "")]
    [InlineData("<style>", "")]
    [InlineData("<script>", "</script")]
    [InlineData("<a x=\">", "")]
    [InlineData("&#", "")]
    [InlineData("&amp", "")]
    public void Text_made_to_be_slow_takes_linear_time(string part, string end)
    {
        // Squared, the half million parts would take hours.
        var text = PlainText.Of(string.Concat(Enumerable.Repeat(part, 500_000)) + end);
        Assert.InRange(text.Length, 0, 500_000 * part.Length + end.Length);
    }
}
