using System.Runtime.InteropServices;
using NetVips;

namespace LmmRec.Encoders.Images;

/// <summary>
/// The rows of a file, decoded as they are asked for: what reads them works in the processor's caches, and a large picture is never in memory as a
/// whole. Only its own format may need that, such as a progressive JPEG, or turning it.
/// </summary>
/// <param name="image">8 bits a channel; three channels, or four inks. Outlives the rows</param>
internal sealed unsafe partial class DecodedRows(Image image) : IPixelRows, IDisposable
{
    private const int Channels = 3;

    private readonly Region _region = Region.New(image);
    private readonly bool _inks = image.Bands > Channels;
    private byte* _pixels;
    private byte[] _rgb = [];
    private int _next;

    public int Width { get; } = image.Width;

    public int Height { get; } = image.Height;

    /// <exception cref="VipsException">The rows cannot be decoded.</exception>
    public ReadOnlySpan<byte> Rows(int first, int count)
    {
        Free();
        _next = first + count;
        _pixels = Fetch(_region, 0, first, Width, count, out var size);
        if (_pixels is null) throw new VipsException("unable to fetch from region");
        var pixels = new ReadOnlySpan<byte>(_pixels, checked((int)size));
        if (!_inks) return pixels;
        Array.Resize(ref _rgb, Math.Max(_rgb.Length, Width * count * Channels));
        var rgb = _rgb.AsSpan(0, Width * count * Channels);
        ColourRules.AbsorbLight(pixels, rgb);
        return rgb;
    }

    /// <summary>Decodes the rows that nobody asked for, so that faults in them are found.</summary>
    public void Finish()
    {
        if (_next < Height) Rows(Height - 1, 1);
    }

    public void Dispose()
    {
        Free();
        _region.Dispose();
    }

    private void Free()
    {
        if (_pixels is not null) NetVips.NetVips.Free((nint)_pixels);
        _pixels = null;
    }

    // Region.Fetch of NetVips, but for the copy into a new array: for a picture of 1500 × 1500 pixels that and collecting it take a tenth of the time.
    [LibraryImport("libvips.so.42", EntryPoint = "vips_region_fetch")]
    private static partial byte* Fetch(Region region, int left, int top, int width, int height, out nuint size);
}
