using LmmRec.Encoders.Weights;

namespace LmmRec.Encoders.Tests.Weights;

public sealed class NameListTests
{
    [Fact]
    public void A_few_names_are_listed() => Assert.Equal("epoch, ema.a, ema.b", NameList.Of(["epoch", "ema.a", "ema.b"]));

    [Fact]
    public void Of_many_names_those_that_begin_alike_are_counted_under_what_they_share()
    {
        string[] names = ["epoch", "head.bias", .. Numbered("model.decoder.layer."), .. Numbered("module.")];
        Assert.Equal("epoch, head.bias, 39 more under 'model.decoder.layer.', 39 more under 'module.'", NameList.Of(names));
    }

    [Fact]
    public void Of_many_names_that_share_nothing_twenty_are_listed()
    {
        var names = Numbered("w").ToList();
        Assert.Equal($"{string.Join(", ", names.Take(20))}, 19 more", NameList.Of(names));
    }

    private static IEnumerable<string> Numbered(string start) => Enumerable.Range(1, 39).Select(i => $"{start}{i}");
}
