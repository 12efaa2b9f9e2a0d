using LmmRec.Artifacts;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text;

public sealed class WordPieceTokenizerTests
{
    private static readonly string[] Vocabulary =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "mug", "##s", "cafe", "naive", "-", "&", "[", "]", "mask", "猫", "犬", "ᄇ", "##ᅦ", "aa", "##aa", "ii", "σασ"];

    private static readonly WordPieceTokenizer Tokenizer = new(Vocabulary, new TextCleaning());

    [Theory]
    [InlineData("Red MUGS", "red mug ##s")]
    [InlineData("Café, naïve", "cafe [UNK] naive")]
    [InlineData("red-mug", "red - mug")]
    [InlineData("red\u00A0mug\u200B", "red mug")]
    [InlineData("red &amp; mug", "red & mug")]
    [InlineData("猫犬", "猫 犬")]
    [InlineData("베", "ᄇ ##ᅦ")]
    [InlineData("blue mug", "[UNK] mug")]
    [InlineData("ΣΑΣ", "σασ")]
    [InlineData("İİ", "ii")]
    [InlineData("[mask]", "[ mask ]")]
    [InlineData("red[MASK]mug [SEP] [CLS][UNK]", "red [MASK] mug [SEP] [CLS] [UNK]")]
    public void A_text_becomes_the_pieces_that_BERT_makes_of_it(string text, string pieces)
    {
        var ids = new long[12];
        var count = Tokenizer.Encode(text, ids);
        Assert.Equal($"[CLS] {pieces} [SEP]", string.Join(' ', ids[..count].Select(id => Vocabulary[id])));
        Assert.All(ids[count..], id => Assert.Equal(0, id));
    }

    [Theory]
    [InlineData(100, 49)]
    [InlineData(101, 1)]
    [InlineData(200, 1)]
    public void A_word_of_more_than_100_characters_is_unknown_as_a_whole(int length, int expected)
    {
        var ids = new long[110];
        var count = Tokenizer.Encode(new string('a', length), ids);
        Assert.Equal(expected, ids[1..(count - 1)].Count(id => id == (expected == 1 ? 1 : Array.IndexOf(Vocabulary, "##aa"))));
    }

    [Fact]
    public void A_long_text_loses_its_end_but_not_its_end_marker()
    {
        var ids = new long[4];
        Assert.Equal(4, Tokenizer.Encode("red mug red mug", ids));
        Assert.Equal([2, 5, 6, 3], ids);
    }

    [Fact]
    public void A_marker_that_the_vocabulary_lacks_is_a_word_like_others()
    {
        var ids = new long[8];
        var count = new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[", "]", "mask"], new TextCleaning()).Encode("[MASK]", ids);
        Assert.Equal([2, 4, 6, 5, 3], ids[..count]);
    }

    [Fact]
    public void Padding_in_a_text_is_no_padding()
    {
        var ids = new long[6];
        Assert.Equal(4, Tokenizer.Encode("red [PAD]", ids));
        Assert.Equal([2, 5, 0, 3, 0, 0], ids);
    }

    [Theory]
    [InlineData("[PAD]\r\n[UNK]\r\nred\r\n", new[] { "[PAD]", "[UNK]", "red" })]
    [InlineData("[PAD]\r\n[UNK]\r\nred", new[] { "[PAD]", "[UNK]", "red" })]
    [InlineData("[PAD]\n[UNK]\r\nred\n", new[] { "[PAD]", "[UNK]\r", "red" })]
    public void Line_ends_of_windows_are_none_of_the_vocabulary_where_all_lines_have_them(string text, string[] lines)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("vocab.txt"), text);
        Assert.Equal(lines, VocabularyFile.ReadLines(folder.PathOf("vocab.txt")));
    }

    [Fact]
    public void A_vocabulary_without_a_marker_is_refused() =>
        Assert.Contains("[SEP] is missing", Assert.Throws<InvalidInputException>(() => new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]"], new TextCleaning())).Message);
}
