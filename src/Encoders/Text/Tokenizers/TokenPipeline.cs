using System.Text;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>
/// From a text to its ids: added tokens are found; what lies between them is normalised, searched for added tokens once more, split into pieces and
/// turned into ids; markers come around them.
/// </summary>
internal sealed class TokenPipeline(Func<string, string> normalize, IReadOnlyList<PreTokenizer> split, ITokenModel model, Template template, IReadOnlyList<AddedToken> added) : ITokenizer
{
    private readonly AddedTokens _raw = new(added.Where(token => !token.Normalized).Select(token => (token, token.Content)));
    private readonly AddedTokens _normalized = new(added.Where(token => token.Normalized).Select(token => (token, normalize(token.Content))));

    /// <summary>What is done to a text first; null: nothing.</summary>
    public TextCleaning? Cleaning { get; init; }

    /// <summary>The id that fills what is left.</summary>
    public long Padding { get; init; }

    /// <inheritdoc/>
    public int VocabularySize { get; } = 1 + model.Vocabulary.Values.Concat(added.Select(token => token.Id)).DefaultIfEmpty(-1).Max();

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The markers alone are longer than <paramref name="ids"/>, or a step goes on for too long on this text.</exception>
    public int Encode(string text, Span<long> ids)
    {
        var room = ids.Length - template.Before.Count - template.After.Count;
        if (room < 0) throw new InvalidInputException($"the markers around a text are {ids.Length - room} tokens; the context length is {ids.Length}");
        var own = new List<int>();
        var (pieces, next) = (new Pieces(), new Pieces());
        text = Whole(Cleaning?.Clean(text) ?? text);
        foreach (var (part, id) in _raw.Split(text))
        {
            if (own.Count >= room) break;
            if (id is { } token)
            {
                own.Add(token);
                continue;
            }
            var normalized = normalize(text[part]);
            foreach (var (inner, innerId) in _normalized.Split(normalized))
            {
                if (own.Count >= room) break;
                if (innerId is { } innerToken)
                {
                    own.Add(innerToken);
                    continue;
                }
                pieces.Clear();
                pieces.Add(normalized.AsSpan(inner), part.Start.Value == 0 && inner.Start.Value == 0);
                foreach (var splitter in split)
                {
                    next.Clear();
                    for (var i = 0; i < pieces.Count; i++) splitter(pieces[i], i == 0 && pieces.StartsText, next);
                    (pieces, next) = (next, pieces);
                }
                for (var i = 0; i < pieces.Count && own.Count < room; i++) model.Encode(pieces[i], own);
            }
        }
        var count = 0;
        foreach (var id in template.Before.Concat(own.Take(room)).Concat(template.After)) ids[count++] = id;
        ids[count..].Fill(Padding);
        return count;
    }

    // Halves of characters become U+FFFD, as in UTF-8.
    private static string Whole(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune);
        return result.ToString();
    }
}
