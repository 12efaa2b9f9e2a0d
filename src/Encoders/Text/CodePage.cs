using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LmmRec.Encoders.Text;

/// <summary>One of the single-byte encodings that UTF-8 is mistaken for. As browsers have it, a byte that means nothing is the control character of its number.</summary>
internal sealed class CodePage
{
    /// <summary>The byte that stands for U+FFFD, a character that was lost, where the encoding is Windows'.</summary>
    public const byte Lost = 0x1A;

    /// <summary>Western Europe.</summary>
    public static readonly CodePage Latin1 = new(28591), Windows1252 = new(1252, isWindows: true);

    /// <summary>All of them, in the order in which they are tried.</summary>
    public static readonly CodePage[] All =
    [
        Latin1, Windows1252, new(1251, isWindows: true), new(1250, isWindows: true), new(1253, isWindows: true), new(1254, isWindows: true), new(1257, isWindows: true),
        new(28592), new(10000), new(437),
    ];

    /// <summary>Those that share the most with Latin 1; a DOS or Macintosh byte looks like nothing else.</summary>
    public static readonly IEnumerable<CodePage> LikeLatin1 = All[..7];

    private readonly char[] _characters = new char[256];
    private readonly Dictionary<char, byte> _bytes = [];

    private CodePage(int number, bool isWindows = false)
    {
        IsWindows = isWindows;
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(number) ?? Encoding.GetEncoding(number);
        for (var b = 0; b < 256; b++)
        {
            var text = Normalization.Of(encoding.GetString([(byte)b]), NormalizationForm.FormC);
            _characters[b] = isWindows && b == Lost ? '\uFFFD' : text[0] is '\uFFFD' or (>= '\uF8F0' and < '\uF8FF') ? (char)b : text[0]; // .NET's private signs for none
            _bytes[_characters[b]] = (byte)b;
        }
    }

    /// <summary>Whether it is one of Windows'.</summary>
    public bool IsWindows { get; }

    /// <summary>What a byte means.</summary>
    public char this[byte value] => _characters[value];

    /// <summary>The bytes that mean <paramref name="text"/>, as characters up to U+00FF.</summary>
    /// <returns>False where a character is not in the encoding.</returns>
    public bool TryEncode(string text, [NotNullWhen(true)] out string? bytes)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!_bytes.TryGetValue(c, out var value))
            {
                bytes = null;
                return false;
            }
            result.Append((char)value);
        }
        bytes = result.ToString();
        return true;
    }
}
