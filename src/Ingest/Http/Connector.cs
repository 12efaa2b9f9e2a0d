using System.Net;
using System.Net.Sockets;

namespace LmmRec.Ingest.Http;

/// <summary>An address of this machine or its network: a catalogue from outside must not make us ask our own servers.</summary>
internal sealed class BlockedAddressException(string message) : Exception(message);

/// <summary>Opens connections: mapped names to their endpoint, all others to public addresses only, checked after resolving and after each redirect.</summary>
internal sealed class Connector(IReadOnlyDictionary<string, IPEndPoint> hosts)
{
    // Where public addresses are given out (IANA): all else of IPv6 is local, or holds an IPv4 address that would pass unseen (NAT64).
    private static readonly IPNetwork[] Assigned = [.. new[] { "0.0.0.0/0", "2000::/3" }.Select(IPNetwork.Parse)];

    // What within them is not public (IANA's special-purpose registries); 2001::/23 holds Teredo, and 2002::/16 is 6to4.
    private static readonly IPNetwork[] Special =
        [.. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
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
        return Array.Exists(Assigned, network => network.Contains(address)) && !Array.Exists(Special, network => network.Contains(address));
    }
}
