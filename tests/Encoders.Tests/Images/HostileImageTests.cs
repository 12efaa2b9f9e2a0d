using System.Globalization;
using LmmRec.Encoders.Images;

namespace LmmRec.Encoders.Tests.Images;

/// <summary>Broken and malicious pictures of Pillow's own tests; expected.csv says what Pillow makes of each.</summary>
[Trait("Category", "Data")]
public sealed class HostileImageTests
{
    private static readonly string[] Formats = ["JPEG", "PNG", "WEBP", "GIF"];

    [Fact]
    public void Pictures_that_Pillow_opens_are_opened_with_its_size_or_refused_by_a_rule()
    {
        var folder = Beside.Data("hostile_images_pillow");
        var (opened, expected, faults) = (0, 0, new List<string>());
        foreach (var line in File.ReadLines(Path.Combine(folder, "expected.csv")).Skip(1).Select(l => l.Split(',')))
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, line[0]));
            var before = ResetPeak();
            var start = ProcessorTime();
            var ok = ImageDecoder.TryDecode(bytes, applyOrientation: false, Pictures.Of, out var image, out var reason);
            if (ProcessorTime() - start is var work && work > TimeSpan.FromSeconds(2)) faults.Add($"{line[0]} takes {work} of a processor");
            if (Kilobytes("VmHWM") - before > 500 << 10) faults.Add($"{line[0]} takes {Kilobytes("VmHWM") - before >> 10} MB");
            if (ok && line[1] != "ok") faults.Add($"{line[0]} is opened and should be refused");
            if (ok && line[1] == "ok" && ($"{image!.Width}", $"{image.Height}") != (line[3], line[4])) faults.Add($"{line[0]} is {image.Width} × {image.Height}");
            if (!ok && string.IsNullOrWhiteSpace(reason)) faults.Add($"{line[0]} is refused without a reason");
            if (line[1] != "ok" || !Formats.Contains(line[2])) continue;
            expected++;
            if (ok) opened++;
        }
        Assert.Empty(faults);
        Assert.True(opened >= 0.98 * expected, $"{opened} of {expected} opened");
    }

    // Of this thread, whatever else the machine does.
    private static TimeSpan ProcessorTime() => TimeSpan.FromTicks(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 100);

    // Makes Linux measure the process's peak anew; returns what the process takes now.
    private static long ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Kilobytes("VmRSS");
    }

    private static long Kilobytes(string name) => long.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
