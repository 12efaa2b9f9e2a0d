using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LmmRec.Artifacts.Store;

/// <summary>SHA-256 as lower-case hexadecimal.</summary>
public static class Hashing
{
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Whether a text is such a hash.</summary>
    public static bool IsOne(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The first half of a hash: it tells files apart, and there may be millions in memory.</summary>
    public static UInt128 Half(string sha256) => UInt128.Parse(sha256.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static async Task<string> OfFileAsync(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }

    /// <summary>Of a file its content; of a folder the names and contents of the files that lie in it.</summary>
    public static async Task<string> OfPathAsync(string path, CancellationToken cancellation)
    {
        if (!Directory.Exists(path)) return await OfFileAsync(path, cancellation);
        var listing = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(path).Order(StringComparer.Ordinal))
            listing.Append(Path.GetFileName(file)).Append('/').Append(await OfFileAsync(file, cancellation)).Append('\n');
        return OfText(listing.ToString());
    }
}
