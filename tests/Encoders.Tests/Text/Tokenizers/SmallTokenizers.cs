using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>Small tokenizers, one for each kind of model, which together have every part that is supported.</summary>
internal static class SmallTokenizers
{
    private const string Added = """
        "added_tokens":[{"id":0,"content":"u","special":true},{"id":9,"content":"<mask>","lstrip":true,"special":true,"normalized":false},{"id":10,"content":"[cls]","rstrip":true,"single_word":true}],
        """;

    private const string Template = """
        "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
        "special_tokens":{"s":{"id":"s","ids":[1],"tokens":["s"]}}}]}
        """;

    public static JsonObject[] All { get; } =
    [
        Parse($$$"""
            {{{{Added}}} "normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]},
            "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t)|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]{1,3}|\\s+(?!\\S)|(a|b)*"},"behavior":"Removed","invert":true},
            {"type":"ByteLevel","add_prefix_space":true,"use_regex":true},{"type":"Digits","individual_digits":true}]},
            "post_processor":{"type":"RobertaProcessing","sep":["b",2],"cls":["a",1]},
            "model":{"type":"BPE","unk_token":"u","fuse_unk":true,"continuing_subword_prefix":"","end_of_word_suffix":"$","vocab":{"u":0,"a":1,"b":2,"a$":3,"b$":4,"ab":5,"ab$":6,"Ġ":7,"c":8},"merges":["a b","a b$"]}}
            """),
        Parse($$$"""
            {{{{Added}}} "normalizer":{"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"String":" "},"content":"▁"},{"type":"Prepend","prepend":"▁"},{"type":"NFKD"},{"type":"Nmt"}]},
            "pre_tokenizer":{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}, {{{Template}}},
            "model":{"type":"BPE","byte_fallback":true,"ignore_merges":true,"unk_token":"u","vocab":{"u":0,"▁":1,"a":2,"aa":3,"<0x62>":4,"r":5,"▁r":6,"ed":7,"e":8},"merges":[["a","a"],["▁","r"]]}}
            """),
        Parse($$$"""
            {{{{Added}}} "normalizer":{"type":"Sequence","normalizers":[{"type":"Precompiled","precompiled_charsmap":"{{{CharacterMap()}}}"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"NFKC"}]},
            "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]}, {{{Template}}},
            "model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["u",0.0],["▁",-2.0],["a",-3.5],["aa",-4],["b",-3],["▁r",-5.25],["e",-3],["<0x61>",-9],["d",-4]]}}
            """),
        Parse($$$"""
            {{{{Added}}} "normalizer":{"type":"Sequence","normalizers":[{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},{"type":"NFD"},{"type":"StripAccents"}]},
            "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"BertPreTokenizer"},{"type":"Whitespace"},{"type":"Punctuation","behavior":"Contiguous"}]},
            "post_processor":{"type":"BertProcessing","sep":["b",2],"cls":["a",1]}, "padding":{"pad_id":3},
            "model":{"type":"WordPiece","unk_token":"u","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"u":0,"a":1,"b":2,"##a":3,"##b":4,"red":5,"mug":6,",":7,"##c":8} }}
            """),
    ];

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    // A double array with the one word "a", which becomes "b".
    private static string CharacterMap()
    {
        const int Children = 256, End = 512, Units = 1024;
        var bytes = new byte[4 + 4 * Units + 2];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 4 * Units);
        Write(0, Children << 10);
        Write(Children ^ 'a', 'a' | 1 << 8 | End << 10);
        Write(Children ^ 'a' ^ End, 1u << 31);
        bytes[4 + 4 * Units] = (byte)'b';
        return Convert.ToBase64String(bytes);

        void Write(int unit, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + 4 * unit), value);
    }
}
