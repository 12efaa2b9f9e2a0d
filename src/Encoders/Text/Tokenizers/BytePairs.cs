using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Encoders.Text.Characters;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>What a byte-pair vocabulary says of itself.</summary>
internal sealed record BytePairRules
{
    /// <summary>The id of a character that the vocabulary lacks; null: it is left out.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether unknown characters that follow each other are one.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether an unknown character becomes the ids of its UTF-8 bytes, written &lt;0x0A&gt;.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a piece that is in the vocabulary as a whole is its id, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>What characters carry that do not begin a piece.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>What the last character of a piece carries.</summary>
    public string EndSuffix { get; init; } = "";
}

/// <summary>Byte-pair encoding over a vocabulary of strings (docs/encoders.md#byte-pairs).</summary>
internal sealed class BytePairs : ITokenModel
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _whole;
    private readonly Merges _merges;
    private readonly BytePairRules _rules;
    private readonly Symbols _inner, _first, _last, _only; // what a character is inside a piece, at its beginning, at its end, as the whole of it
    private readonly int[] _bytes = new int[256];
    private readonly Seams? _seams;
    private readonly PieceCache _cache = new();

    public BytePairs(Dictionary<string, int> vocabulary, Merges merges, BytePairRules rules)
    {
        (_vocabulary, _whole, _merges, _rules) = (vocabulary, vocabulary.GetAlternateLookup<ReadOnlySpan<char>>(), merges, rules);
        _inner = new Symbols(vocabulary, rules.ContinuingPrefix, "");
        _first = rules.ContinuingPrefix == "" ? _inner : new Symbols(vocabulary, "", "");
        _last = rules.EndSuffix == "" ? _inner : new Symbols(vocabulary, rules.ContinuingPrefix, rules.EndSuffix);
        _only = rules.EndSuffix == "" ? _first : new Symbols(vocabulary, "", rules.EndSuffix);
        for (var b = 0; b < 256; b++) _bytes[b] = vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1);
        if (rules is { ContinuingPrefix: "", EndSuffix: "", IgnoreMerges: false }) _seams = new Seams(vocabulary.Keys);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        while (piece.Length > 0)
        {
            var length = _seams?.Next(piece, _inner) ?? piece.Length;
            EncodePart(piece[..length], ids);
            piece = piece[length..];
        }
    }

    private void EncodePart(ReadOnlySpan<char> part, List<int> ids)
    {
        if (_cache.TryAdd(part, ids)) return;
        var first = ids.Count;
        if (_rules.IgnoreMerges && _whole.TryGetValue(part, out var whole)) ids.Add(whole);
        else
        {
            AddSymbols(part, ids);
            var symbols = CollectionsMarshal.AsSpan(ids)[first..];
            var count = first + _merges.Apply(symbols);
            ids.RemoveRange(count, ids.Count - count);
        }
        _cache.Remember(part, ids, first);
    }

    private void AddSymbols(ReadOnlySpan<char> part, List<int> ids)
    {
        var unknown = false; // one is waiting to be written, as more may become one with it
        for (int at = 0, length; at < part.Length; at += length)
        {
            var code = RuneSet.At(part, at, out length);
            var (isFirst, isLast) = (at == 0, at + length == part.Length);
            var id = (isFirst ? isLast ? _only : _first : isLast ? _last : _inner).Of(code);
            if (id < 0 && _rules.ByteFallback && AddBytes(part.Slice(at, length), isFirst, isLast, ids)) continue;
            if (unknown && (id >= 0 || !_rules.FuseUnknown)) ids.Add(_rules.Unknown!.Value);
            unknown = id < 0 && _rules.Unknown is not null;
            if (id >= 0) ids.Add(id);
        }
        if (unknown) ids.Add(_rules.Unknown!.Value);
    }

    private bool AddBytes(ReadOnlySpan<char> character, bool isFirst, bool isLast, List<int> ids)
    {
        var bytes = Encoding.UTF8.GetBytes($"{(isFirst ? "" : _rules.ContinuingPrefix)}{character}{(isLast ? _rules.EndSuffix : "")}");
        if (Array.Exists(bytes, b => _bytes[b] < 0)) return false;
        foreach (var b in bytes) ids.Add(_bytes[b]);
        return true;
    }
}
