using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace LmmRec.Bench;

/// <summary>A shop in a process of its own whose pictures, of some 20 KB, all differ. Serves until its standard input ends.</summary>
internal static class PictureServer
{
    private const int Side = 256;

    public static async Task RunAsync()
    {
        using var noise = NetVips.Image.Gaussnoise(Side, Side, sigma: 40, mean: 128, seed: 1);
        using var grey = noise.Cast(NetVips.Enums.BandFormat.Uchar);
        var picture = grey.JpegsaveBuffer(q: 60);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var server = builder.Build();
        server.Run(async http =>
        {
            // What stands behind the picture's end is no part of it, yet of the file.
            var name = System.Text.Encoding.ASCII.GetBytes(http.Request.Path.Value!);
            http.Response.ContentLength = picture.Length + name.Length;
            await http.Response.Body.WriteAsync(picture);
            await http.Response.Body.WriteAsync(name);
        });
        await server.StartAsync();
        Console.WriteLine(new Uri(server.Urls.Single()).Port.ToString(CultureInfo.InvariantCulture));
        await Console.In.ReadToEndAsync();
    }
}
