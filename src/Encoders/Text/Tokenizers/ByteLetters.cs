using System.Buffers;
using System.Text;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The letters that GPT-2's vocabularies write for bytes: those that print stand for themselves, the others for U+0100, U+0101, …</summary>
internal static class ByteLetters
{
    private static readonly char[] Letters = Number();

    /// <summary>The letter of a byte.</summary>
    public static char Of(byte b) => Letters[b];

    /// <summary>The letters of bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var letters = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) letters[i] = Letters[bytes[i]];
        return new string(letters);
    }

    /// <summary>Whether the byte is written as the character of its number.</summary>
    public static bool Prints(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;

    /// <summary>Writes a piece as the letters of its UTF-8 bytes: a pre-tokenizer.</summary>
    public static void Write(ReadOnlySpan<char> piece, bool startsText, Pieces result)
    {
        var size = Encoding.UTF8.GetMaxByteCount(piece.Length);
        var (bytes, letters) = (ArrayPool<byte>.Shared.Rent(size), ArrayPool<char>.Shared.Rent(size));
        var count = Encoding.UTF8.GetBytes(piece, bytes);
        for (var i = 0; i < count; i++) letters[i] = Letters[bytes[i]];
        result.Add(letters.AsSpan(0, count), startsText);
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<char>.Shared.Return(letters);
    }

    private static char[] Number()
    {
        var letters = new char[256];
        var next = (char)0x100;
        for (var b = 0; b < 256; b++) letters[b] = Prints(b) ? (char)b : next++;
        return letters;
    }
}
