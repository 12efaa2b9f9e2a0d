using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LmmRec.Sample;

/// <summary>The shop's data as the two files of Amazon's 2014 edition (docs/data.md#amazon-2014), gzip-compressed.</summary>
internal static class Amazon2014Files
{
    /// <summary>One review per line, strict JSON.</summary>
    public static byte[] Reviews(IEnumerable<Review> reviews) => Gzip(reviews.Select(Line));

    /// <summary>One product per line, a Python dictionary literal; pictures lie at <paramref name="shop"/>.</summary>
    public static byte[] Metadata(IReadOnlyList<Product> products, Uri shop) =>
        Gzip(products.OrderBy(p => p.Asin, StringComparer.Ordinal).Select(p => PythonRepr.Of(Fields(p, products, shop))));

    private static string Line(Review review)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("reviewerID", review.ReviewerId);
            json.WriteString("asin", review.Product.Asin);
            json.WriteStartArray("helpful");
            json.WriteNumberValue(0);
            json.WriteNumberValue(0);
            json.WriteEndArray();
            json.WriteString("reviewText", review.Text);
            json.WritePropertyName("overall");
            json.WriteRawValue($"{review.Stars}.0");
            json.WriteString("summary", $"{review.Stars} stars");
            json.WriteNumber("unixReviewTime", new DateTimeOffset(review.Day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds());
            json.WriteString("reviewTime", review.Day.ToString("MM d, yyyy", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static Dictionary<string, object?> Fields(Product product, IReadOnlyList<Product> products, Uri shop)
    {
        var fields = new Dictionary<string, object?> { ["asin"] = product.Asin };
        if (product.Description is not null) fields["description"] = product.Description;
        if (product.Title is not null) fields["title"] = product.Title;
        // Both ways of saying nothing occur: most leave the key out, some give None.
        if (product.Price is not null || product.Index % 2 == 0) fields["price"] = product.Price;
        if (product.Picture != PictureAnswer.None) fields["imUrl"] = new Uri(shop, PicturePath(product)).AbsoluteUri;
        fields["related"] = new Dictionary<string, object?>
        {
            ["also_viewed"] = new List<object?> { Neighbour(product, products, 1), Neighbour(product, products, 2) },
            ["bought_together"] = new List<object?> { Neighbour(product, products, 3) },
        };
        fields["salesRank"] = new Dictionary<string, object?> { [product.Categories[0][0].Replace("&", "&amp;", StringComparison.Ordinal)] = 10 + 7 * product.Index };
        if (product.Brand is not null) fields["brand"] = product.Brand;
        fields["categories"] = product.Categories.Select(path => (object?)path.Cast<object?>().ToList()).ToList();
        return fields;
    }

    /// <summary>The path of a product's picture on the shop.</summary>
    public static string PicturePath(Product product) => $"/images/{product.Asin}.jpg";

    private static string Neighbour(Product product, IReadOnlyList<Product> products, int step) => products[(product.Index + step) % products.Count].Asin;

    // .NET's gzip header holds no time, so the bytes depend on the lines alone.
    private static byte[] Gzip(IEnumerable<string> lines)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal))
        using (var writer = new StreamWriter(gzip, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" })
            foreach (var line in lines) writer.WriteLine(line);
        return buffer.ToArray();
    }
}
