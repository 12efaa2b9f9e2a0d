using LmmRec.Artifacts;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

public sealed class JsonTokenizerTests
{
    private const int WordPieces = 3, ByteFallback = 1; // of the small tokenizers

    [Theory]
    [InlineData("Red RED", "1 5 5 2")]
    [InlineData("red <mask> red", "1 5 9 5 2")]
    [InlineData("red [cls] red", "1 5 10 5 2")]
    [InlineData("red[cls]red", "1 5 0 0 0 5 2")] // the added token stands alone or is none
    [InlineData("réd,red", "1 5 7 5 2")]
    [InlineData("blae", "1 0 2")]
    [InlineData("", "1 2")]
    public void A_text_becomes_its_tokens_between_markers_and_is_padded(string text, string expected)
    {
        var ids = new long[16];
        var count = Read(WordPieces).Encode(text, ids);
        Assert.Equal(expected, string.Join(' ', ids[..count]));
        Assert.All(ids[count..], id => Assert.Equal(3, id));
    }

    [Fact]
    public void A_long_text_loses_its_end_but_not_its_markers()
    {
        var ids = new long[4];
        Assert.Equal(4, Read(WordPieces).Encode("red, red", ids));
        Assert.Equal([1, 5, 7, 2], ids);
    }

    [Fact]
    public void Markers_that_do_not_fit_are_an_error() =>
        Assert.Contains("are 2 tokens; the context length is 1", Assert.Throws<InvalidInputException>(() => Read(WordPieces).Encode("red", new long[1])).Message, StringComparison.Ordinal);

    [Fact]
    public void Texts_become_lower_case_where_the_caller_says_so()
    {
        Assert.Equal(Ids(Read(ByteFallback), "aa"), Ids(Read(ByteFallback, lowercase: true), "AA"));
        Assert.NotEqual(Ids(Read(ByteFallback), "aa"), Ids(Read(ByteFallback), "AA"));
    }

    [Fact]
    public void A_token_is_found_by_its_name_whether_it_was_added_or_not()
    {
        var tokenizer = Read(WordPieces);
        Assert.Equal((5, 10, null), (tokenizer.IdOf("red"), tokenizer.IdOf("[cls]"), tokenizer.IdOf("blue")));
    }

    private static long[] Ids(JsonTokenizer tokenizer, string text)
    {
        var ids = new long[16];
        return ids[..tokenizer.Encode(text, ids)];
    }

    private static JsonTokenizer Read(int index, bool lowercase = false)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("tokenizer.json"), SmallTokenizers.All[index].ToJsonString());
        return JsonTokenizer.Read(folder.PathOf("tokenizer.json"), lowercase);
    }
}
