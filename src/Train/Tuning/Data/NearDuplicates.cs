using LmmRec.Artifacts.Store;
using LmmRec.Dense;

namespace LmmRec.Train.Tuning.Data;

/// <summary>
/// Tells pairs that may show or name the same thing, which would be taught to be different (docs/encoders.md#hard-negatives): the same picture or text,
/// texts of the same words, and pictures whose vectors are all but equal.
/// </summary>
internal sealed class NearDuplicates
{
    /// <summary>The cosine of pictures from which they count as one.</summary>
    public const float Cosine = 0.95f;

    private readonly IReadOnlyList<Pair> _pairs;
    private readonly UInt128[] _words;
    private readonly Cosines _pictures;

    /// <param name="pairs">the pairs</param>
    /// <param name="textOf">the text of each</param>
    /// <param name="images">their pictures' vectors [pairs × width]</param>
    /// <param name="width">length of a vector</param>
    public NearDuplicates(IReadOnlyList<Pair> pairs, Func<int, string> textOf, float[] images, int width)
    {
        (_pairs, _pictures) = (pairs, new Cosines(images, images, width));
        _words = [.. Enumerable.Range(0, pairs.Count).Select(pair => Hashing.Half(Hashing.OfText(WordsOf(textOf(pair)))))];
    }

    /// <summary>Whether two pairs may be one.</summary>
    public bool Are(int a, int b) => !_pairs[a].IsWrongFor(_pairs[b]) || _words[a] == _words[b] || _pictures.Of(a, b) >= Cosine;

    /// <summary>What is left of a text without case, punctuation, numbers, order and repetition; all of it where nothing is.</summary>
    public static string WordsOf(string text)
    {
        var letters = string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsLetter(source[i]) || char.IsSurrogate(source[i]) ? char.ToLowerInvariant(source[i]) : ' ';
        });
        var words = letters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal).ToList();
        return words.Count > 0 ? string.Join(' ', words) : text;
    }
}
