using System.Net;
using System.Net.Sockets;

namespace LmmRec.Ingest.Http;

/// <summary>An address of this machine or its network: a catalogue from outside must not make us ask our own servers.</summary>
internal sealed class BlockedAddressException(string message) : Exception(message);

/// <summary>Opens connections: mapped names to their endpoint, all others to public addresses only, checked after resolving and after each redirect.</summary>
internal sealed class Connector(IReadOnlyDictionary<string, IPEndPoint> hosts)
{
    // Networks that are not the public Internet (IANA's special-purpose registries).
    private static readonly IPNetwork[] Private =
        [.. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "224.0.0.0/3", "::/127", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(IPNetwork.Parse)];

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (hosts.TryGetValue(context.DnsEndPoint.Host, out var mapped)) await socket.ConnectAsync(mapped, cancellation);
            else await socket.ConnectAsync(await PublicAddressesAsync(context.DnsEndPoint.Host, cancellation), context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> PublicAddressesAsync(string host, CancellationToken cancellation)
    {
        // A literal needs no resolving, and the resolver refuses 0.0.0.0 in words of its own.
        var all = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellation);
        var addresses = Array.FindAll(all, IsPublic);
        return addresses.Length > 0 ? addresses : throw new BlockedAddressException($"'{host}' is an address of this machine or its network, which is not allowed");
    }

    /// <summary>Whether an address belongs to the public Internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return !Array.Exists(Private, network => network.Contains(address));
    }
}
