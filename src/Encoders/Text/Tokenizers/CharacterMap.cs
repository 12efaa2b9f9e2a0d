using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>
/// SentencePiece's normalisation, precompiled: a tree of UTF-8 bytes as a double array, whose leaves lead to texts that replace what was read
/// (docs/encoders.md#character-maps). Numbers are little endian: bytes of the tree, the tree's units of 4 bytes, the texts, each closed by a 0.
/// </summary>
internal sealed class CharacterMap
{
    private const int LongestCluster = 5; // bytes: longer clusters are mapped character by character

    private readonly uint[] _units;
    private readonly byte[] _texts;
    private readonly string?[] _ascii = new string?[128]; // what a character becomes; null: it stays

    /// <exception cref="InvalidInputException">The bytes are no such map.</exception>
    public CharacterMap(ReadOnlySpan<byte> bytes, string place)
    {
        var size = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        if (size == 0 || size % 4 != 0 || size > bytes.Length - 4) throw Damaged("its tree does not fit into it");
        _units = new uint[size / 4];
        for (var i = 0; i < _units.Length; i++) _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + 4 * i)..]);
        _texts = bytes[(int)(4 + size)..].ToArray();
        foreach (var unit in _units)
            if (IsLeaf(unit) && (Target(unit) >= _texts.Length || Array.IndexOf(_texts, (byte)0, Target(unit)) < 0)) throw Damaged("a text lies beyond its end");
        for (var c = 0; c < 128; c++) _ascii[c] = Find([(byte)c]);

        InvalidInputException Damaged(string how) => new($"{place} is no precompiled character map: {how}; fetch the file again");
    }

    /// <summary>The text with clusters, or else characters, replaced.</summary>
    public string Apply(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        for (int at = 0, length; at < text.Length; at += length)
        {
            if (char.IsAscii(text[at]) && text[at] != '\r' && (at + 1 == text.Length || char.IsAscii(text[at + 1])))
            {
                length = 1;
                if (_ascii[text[at]] is { } mapped) result.Append(mapped);
                else result.Append(text[at]);
            }
            else
            {
                length = StringInfo.GetNextTextElementLength(text, at);
                AppendCluster(text.AsSpan(at, length), result);
            }
            TextGrowth.Check(result.Length);
        }
        return result.ToString();
    }

    private void AppendCluster(ReadOnlySpan<char> cluster, StringBuilder result)
    {
        Span<byte> bytes = stackalloc byte[LongestCluster];
        if (Encoding.UTF8.TryGetBytes(cluster, bytes, out var count) && Find(bytes[..count]) is { } whole)
        {
            result.Append(whole);
            return;
        }
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (Find(bytes[..rune.EncodeToUtf8(bytes)]) is { } mapped) result.Append(mapped);
            else result.Append(rune);
        }
    }

    // What the shortest beginning of the bytes that is in the tree becomes; null: there is none.
    private string? Find(ReadOnlySpan<byte> bytes)
    {
        var at = Offset(_units[0]);
        foreach (var b in bytes)
        {
            at ^= b;
            if (b == 0 || at >= _units.Length || Label(_units[at]) != b) return null;
            var unit = _units[at];
            at ^= Offset(unit);
            if (HasLeaf(unit) && at < _units.Length) return TextAt(Target(_units[at]));
        }
        return null;
    }

    private string? TextAt(int start)
    {
        if (start >= _texts.Length) return null;
        var rest = _texts.AsSpan(start);
        return Encoding.UTF8.GetString(rest.IndexOf((byte)0) is >= 0 and var end ? rest[..end] : rest);
    }

    private static bool IsLeaf(uint unit) => unit >> 31 != 0;

    private static bool HasLeaf(uint unit) => (unit >> 8 & 1) != 0;

    private static uint Label(uint unit) => unit & (1u << 31 | 0xFF);

    private static int Target(uint unit) => (int)(unit & int.MaxValue);

    private static int Offset(uint unit) => (int)(unit >> 10 << (int)((unit & 1 << 9) >> 6));
}
