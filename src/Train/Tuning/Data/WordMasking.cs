using LmmRec.Artifacts;
using LmmRec.Encoders;
using LmmRec.Encoders.Text;

namespace LmmRec.Train.Tuning.Data;

/// <summary>A text with some words hidden.</summary>
/// <param name="Ids">[length] what the encoder reads</param>
/// <param name="Labels">[length] the piece that stood at a place that was drawn; <see cref="WordMasking.NoLabel"/> at all others</param>
internal sealed record MaskedText(long[] Ids, long[] Labels);

/// <summary>
/// Hides 15 % of a text's pieces, in whole words (docs/encoders.md#fine-tuning-losses): of them 80 % become [MASK], 10 % any piece, and 10 % stay.
/// </summary>
/// <param name="vocabulary">says which pieces begin a word</param>
internal sealed class WordMasking(WordPieceVocabulary vocabulary)
{
    /// <summary>No piece is asked for.</summary>
    public const long NoLabel = -1;

    private const double Share = 0.15, Hidden = 0.8, Replaced = 0.1;

    private readonly long _mask = vocabulary.Mask ?? throw new InvalidInputException("the vocabulary has no [MASK], with which words are hidden; tune by itc, or take a vocabulary that has it");

    /// <summary>
    /// Draws words until max(1, round(0.15 · pieces)) pieces are hidden; a word that would be too many is passed over. Where each is, the shortest is taken, so that
    /// every text with a word asks for something. Markers and padding are never hidden.
    /// </summary>
    public MaskedText Mask(TokenizedText text, SeededRandom random)
    {
        Range[] words = [.. Words(text)];
        random.Shuffle<Range>(words);
        var (ids, labels) = (text.Ids.ToArray(), new long[text.Length]);
        Array.Fill(labels, NoLabel);
        var wanted = Math.Max(1, (int)Math.Round(Share * words.Sum(Length)));
        var left = wanted;
        foreach (var word in words.Where(word => Length(word) <= left))
        {
            Hide(word);
            left -= Length(word);
        }
        if (left == wanted && words.Length > 0) Hide(words.MinBy(Length));
        return new MaskedText(ids, labels);

        void Hide(Range word)
        {
            for (var place = word.Start.Value; place < word.End.Value; place++) (labels[place], ids[place]) = (ids[place], InPlaceOf(ids[place], random));
        }
    }

    private long InPlaceOf(long piece, SeededRandom random) => random.NextDouble() switch
    {
        < Hidden => _mask,
        < Hidden + Replaced => vocabulary.Pieces[random.NextInt32(vocabulary.Pieces.Count)],
        _ => piece,
    };

    private IEnumerable<Range> Words(TokenizedText text)
    {
        for (int start = 0, end; start < text.Count; start = end)
        {
            end = start + 1;
            if (vocabulary.IsMarker(text.Ids[start])) continue;
            while (end < text.Count && vocabulary.GoesOn(text.Ids[end])) end++;
            yield return start..end;
        }
    }

    private static int Length(Range word) => word.End.Value - word.Start.Value;
}
