using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LmmRec.Remotes.Folders;

/// <summary>Connects to an SSH server whose host key is known, and says why it cannot.</summary>
/// <param name="address">where it is</param>
/// <param name="keys">what it is shown</param>
/// <param name="hosts">which host keys are known</param>
internal sealed class SftpConnection(SftpAddress address, SshKeys keys, KnownHosts hosts)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Sign = TimeSpan.FromSeconds(15);

    private string? _distrust;

    /// <summary>Connects.</summary>
    public async Task<SftpClient> OpenAsync(CancellationToken cancellation)
    {
        var known = hosts.Of(address.Host, address.Port);
        var info = new ConnectionInfo(address.Host, address.Port, address.User, [.. keys.Methods]);
        Prefer(info, [.. known.Select(entry => entry.Type)]);
        var client = new SftpClient(info) { OperationTimeout = Patience, KeepAliveInterval = Sign };
        client.HostKeyReceived += (_, received) =>
        {
            _distrust = Distrust(received, known);
            received.CanTrust = _distrust is null;
        };
        try
        {
            await client.ConnectAsync(cancellation);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Why the server cannot be reached, or does not let us in; null: the exception is not about that.</summary>
    public string? Explain(Exception exception) => _distrust ?? exception switch
    {
        SshAuthenticationException => $"does not let {address.User} in by {keys.Tried}: put the public key into authorized_keys there, or name another with --identity{string.Concat(keys.Unread.Select(unread => $"; {unread}"))}",
        SshConnectionException or SshOperationTimeoutException or SocketException or ObjectDisposedException => $"cannot be reached, or went away: {exception.Message.TrimEnd('.')}",
        _ => null,
    };

    // A server has keys of several types and sends the one that we ask for first: one of a type that is known can be told.
    private static void Prefer(ConnectionInfo info, HashSet<string> types)
    {
        foreach (var certificate in info.HostKeyAlgorithms.Keys.Where(name => name.Contains("-cert-", StringComparison.Ordinal)).ToList()) info.HostKeyAlgorithms.Remove(certificate);
        if (!info.HostKeyAlgorithms.Keys.Any(IsKnown)) return;
        foreach (var other in info.HostKeyAlgorithms.Keys.Where(name => !IsKnown(name)).ToList()) info.HostKeyAlgorithms.Remove(other);

        bool IsKnown(string algorithm) => types.Contains(algorithm.StartsWith("rsa-sha2", StringComparison.Ordinal) ? "ssh-rsa" : algorithm);
    }

    private string? Distrust(HostKeyEventArgs received, IReadOnlyList<KnownHosts.Entry> known)
    {
        var key = $"{received.HostKeyName} SHA256:{received.FingerPrintSHA256}";
        var same = known.Where(entry => entry.Key.AsSpan().SequenceEqual(received.HostKey)).ToList();
        if (same.Find(entry => entry.IsRevoked) is { } revoked) return $"has a host key ({key}) that {revoked.Place} says was revoked; ask who runs it";
        if (same.Count > 0) return null;
        var name = KnownHosts.NameOf(address.Host, address.Port);
        return known.FirstOrDefault(entry => !entry.IsRevoked) is { } other
            ? $"has another host key ({key}) than {other.Place} says: it was set up anew, or another server plays its part; ask who runs it, then: ssh-keygen -R '{name}'"
            : $"has a host key that is not known ({key}): compare it with what who runs it says, then: ssh-keyscan -p {address.Port} {address.Host} >> ~/.ssh/known_hosts";
    }
}
