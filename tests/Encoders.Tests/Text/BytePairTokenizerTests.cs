using CsCheck;
using LmmRec.Artifacts;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text;

public sealed class BytePairTokenizerTests
{
    private static readonly string Folder = Path.Combine(Beside.Checkout, "onnx-models", "clip-small");
    private static readonly BytePairTokenizer Tokenizer = new(File.ReadLines(Path.Combine(Folder, "merges.txt")), new TextCleaning { Unescape = 2, Repair = true });

    /// <summary>Where this fails because the corpus was changed on purpose, the message names the file to take over.</summary>
    [Fact]
    public void The_vocabulary_that_comes_with_the_sample_is_learned_from_its_corpus()
    {
        var learned = BytePairTrainer.Learn(File.ReadLines(Path.Combine(Folder, "corpus.txt")));
        var shipped = File.ReadAllLines(Path.Combine(Folder, "merges.txt"));
        if (learned.SequenceEqual(shipped)) return;
        var written = Path.Combine(Path.GetTempPath(), "merges.txt");
        File.WriteAllText(written, string.Join('\n', learned) + '\n');
        Assert.Fail($"the corpus gives other merges; they were written to {written}");
    }

    [Fact]
    public void A_text_begins_and_ends_with_its_markers_and_is_padded_with_0()
    {
        var ids = new long[16];
        var count = Tokenizer.Encode("A red mug", ids);
        Assert.Equal(Tokenizer.VocabularySize - 2, ids[0]);
        Assert.Equal(Tokenizer.VocabularySize - 1, ids[count - 1]);
        Assert.All(ids[count..], id => Assert.Equal(0, id));
        Assert.All(ids[1..(count - 1)], id => Assert.InRange(id, 0, Tokenizer.VocabularySize - 3));
    }

    [Fact]
    public void A_long_text_loses_its_end_but_not_its_end_marker()
    {
        var (full, cut) = (new long[200], new long[8]);
        Tokenizer.Encode("a cheerful red star mug for rainy afternoons by the sea, striped and dotted", full);
        Assert.Equal(8, Tokenizer.Encode("a cheerful red star mug for rainy afternoons by the sea, striped and dotted", cut));
        Assert.Equal(full[..7], cut[..7]);
        Assert.Equal(Tokenizer.VocabularySize - 1, cut[7]);
    }

    [Theory]
    [InlineData("Red  Star\tMUG\n", "red star mug")]
    [InlineData("it&amp;#39;s", "it's")]
    [InlineData("“it’s”", "\"it's\"")]
    [InlineData("ｍｕｇ", "mug")]
    [InlineData("30cm", "3 0 cm")]
    [InlineData("caf&eacute &amp bar", "café & bar")]
    public void Texts_that_say_the_same_have_the_same_tokens(string text, string same)
    {
        var (a, b) = (new long[32], new long[32]);
        Tokenizer.Encode(text, a);
        Tokenizer.Encode(same, b);
        Assert.Equal(b, a);
    }

    [Fact]
    public void Every_text_gives_ids_of_the_vocabulary_and_letters_beyond_the_basic_plane_stay_whole()
    {
        var ids = new long[64];
        Gen.String.Sample(text =>
        {
            var count = Tokenizer.Encode(text, ids);
            Assert.InRange(count, 2, ids.Length);
            Assert.All(ids, id => Assert.InRange(id, 0, Tokenizer.VocabularySize - 1));
        }, seed: "0000000000000", iter: 2000);

        // 𝒜𝒷 are letters of four bytes each: one piece, so only the last of eight bytes ends a word.
        var length = Tokenizer.Encode("𝒜𝒷", ids);
        Assert.Equal(1, ids[1..(length - 1)].Count(id => id is >= 256 and < 512));
    }

    [Theory]
    [InlineData("r e d", "line 2")]
    [InlineData("re d", "line 2")]
    public void A_merge_that_is_no_pair_of_known_symbols_is_named(string line, string expected)
    {
        var error = Assert.Throws<InvalidInputException>(() => new BytePairTokenizer(["#version", line], new TextCleaning()));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_truncated_merges_file_is_refused() =>
        Assert.Throws<InvalidInputException>(() => new BytePairTokenizer(["#version", "r e"], new TextCleaning(), mergeCount: 2));
}
