using System.Security.Cryptography;
using System.Text;

namespace LmmRec.Remotes.Folders;

/// <summary>The keys that OpenSSH's files of known hosts hold, plain or hashed. Lines that sign keys of hosts (<c>@cert-authority</c>) are left to OpenSSH.</summary>
internal sealed class KnownHosts(IReadOnlyList<string> files)
{
    private const string Hashed = "|1|", Revoked = "@revoked";

    /// <summary>A line that is about a host.</summary>
    /// <param name="Type">type of the key, such as <c>ssh-ed25519</c></param>
    /// <param name="Key">the key, as it travels</param>
    /// <param name="IsRevoked">whether the line says that it must not be trusted</param>
    /// <param name="Place">file and line, for messages</param>
    public sealed record Entry(string Type, byte[] Key, bool IsRevoked, string Place);

    /// <summary>What a host is called in the files.</summary>
    public static string NameOf(string host, int port) => port == 22 ? host.ToLowerInvariant() : $"[{host.ToLowerInvariant()}]:{port}";

    /// <summary>The lines that are about a host; files that are not there have none.</summary>
    public IReadOnlyList<Entry> Of(string host, int port)
    {
        var name = NameOf(host, port);
        return [.. from file in files
                   where File.Exists(file)
                   from line in File.ReadLines(file).Index()
                   let entry = TryParse(line.Item, name, $"{file}:{line.Index + 1}")
                   where entry is not null
                   select entry];
    }

    private static Entry? TryParse(string line, string name, string place)
    {
        var fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var isRevoked = fields is [Revoked, ..];
        if (isRevoked) fields = fields[1..];
        return fields is [var hosts, var type, var key, ..] && hosts[0] is not ('#' or '@') && Fits(hosts, name) && TryDecode(key) is { } bytes ? new Entry(type, bytes, isRevoked, place) : null;
    }

    private static bool Fits(string hosts, string name)
    {
        if (hosts.StartsWith(Hashed, StringComparison.Ordinal))
            return hosts[Hashed.Length..].Split('|') is [var salt, var hash] && TryDecode(salt) is { } key && TryDecode(hash) is { } expected && Sha1(key, name).AsSpan().SequenceEqual(expected);
        var patterns = hosts.Split(',');
        return patterns.Any(pattern => IsLike(name, pattern)) && !patterns.Any(pattern => pattern is ['!', .. var not] && IsLike(name, not));
    }

    // No secret hangs on it: OpenSSH hides the names of hosts so.
#pragma warning disable CA5350
    private static byte[] Sha1(byte[] salt, string name) => HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(name));
#pragma warning restore CA5350

    private static bool IsLike(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern) => pattern switch
    {
        [] => name.IsEmpty,
        ['*', .. var rest] => IsLike(name, rest) || (!name.IsEmpty && IsLike(name[1..], pattern)),
        [var first, .. var rest] => !name.IsEmpty && (first == '?' || char.ToLowerInvariant(first) == name[0]) && IsLike(name[1..], rest),
    };

    private static byte[]? TryDecode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count) ? bytes[..count] : null;
    }
}
