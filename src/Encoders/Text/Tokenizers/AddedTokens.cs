using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>A token that is found in a text before the text is split.</summary>
/// <param name="Content">as it stands in a text</param>
/// <param name="Id">its id</param>
/// <param name="SingleWord">whether it only counts with no letter or digit beside it</param>
/// <param name="StripLeft">whether it takes the white space before it along</param>
/// <param name="StripRight">whether it takes the white space behind it along</param>
/// <param name="Normalized">whether it is looked for in the normalised text, and normalised for that</param>
internal sealed record AddedToken(string Content, int Id, bool SingleWord = false, bool StripLeft = false, bool StripRight = false, bool Normalized = false);

/// <summary>Finds added tokens in a text: of those that begin at a place the longest, and none that overlaps the one before.</summary>
internal sealed class AddedTokens
{
    private readonly Trie _contents = new();
    private readonly List<AddedToken> _tokens = [];

    /// <param name="tokens">the tokens and how each is written in the text; of two that are written alike the first counts</param>
    public AddedTokens(IEnumerable<(AddedToken Token, string Written)> tokens)
    {
        foreach (var (token, written) in tokens)
        {
            if (written.Length > 0) _contents.Add(written, _tokens.Count);
            _tokens.Add(token);
        }
    }

    /// <summary>The parts of <paramref name="text"/>: tokens with their ids, and what lies between them (null).</summary>
    public IEnumerable<(Range Part, int? Id)> Split(string text)
    {
        var done = 0;
        for (var at = 0; at < text.Length;)
        {
            var index = _contents.Longest(Trie.Root, text.AsSpan(at), out var length);
            if (index == Trie.None)
            {
                at++;
                continue;
            }
            var token = _tokens[index];
            var (start, end) = (at, at + length);
            at = end;
            if (token.SingleWord && (IsWord(text, start, before: true) || IsWord(text, end, before: false))) continue;
            if (token.StripLeft) start = Math.Max(done, text.AsSpan(0, start).TrimEnd().Length);
            if (token.StripRight) end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (done < start) yield return (done..start, null);
            yield return (start..end, token.Id);
            done = end;
        }
        if (done < text.Length) yield return (done..text.Length, null);
    }

    private static bool IsWord(string text, int at, bool before) => before
        ? at > 0 && CharacterSets.Word.Contains(RuneSet.Before(text, at, out _))
        : at < text.Length && CharacterSets.Word.Contains(RuneSet.At(text, at, out _));
}
