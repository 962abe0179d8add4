"""MASSIVE: which of 60 intents has a request to an assistant? 51 languages, the same requests in each.

Version 1.0, whose files hold train, dev and test of a locale. Only intents are answered, no slots.
"""

from xharness.tasks.base import NEWER, Recipe, Selection, Task
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.readers.declared_columns import TextsReader
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION

LOCALES = (
    "af-ZA am-ET ar-SA az-AZ bn-BD cy-GB da-DK de-DE el-GR en-US es-ES fa-IR fi-FI fr-FR he-IL hi-IN hu-HU hy-AM "
    "id-ID is-IS it-IT ja-JP jv-ID ka-GE km-KH kn-IN ko-KR lv-LV ml-IN mn-MN ms-MY my-MM nb-NO nl-NL pl-PL pt-PT "
    "ro-RO ru-RU sl-SL sq-AL sv-SE sw-KE ta-IN te-IN th-TH tl-PH tr-TR ur-PK vi-VN zh-CN zh-TW"
).split()
NAMES = {"zh-Hant" if locale == "zh-TW" else locale.partition("-")[0]: locale for locale in LOCALES}
INTENTS = tuple(
    (
        "alarm_query alarm_remove alarm_set audio_volume_down audio_volume_mute audio_volume_other audio_volume_up "
        "calendar_query calendar_remove calendar_set cooking_query cooking_recipe datetime_convert datetime_query "
        "email_addcontact email_query email_querycontact email_sendemail general_greet general_joke general_quirky "
        "iot_cleaning iot_coffee iot_hue_lightchange iot_hue_lightdim iot_hue_lightoff iot_hue_lighton "
        "iot_hue_lightup iot_wemo_off iot_wemo_on lists_createoradd lists_query lists_remove music_dislikeness "
        "music_likeness music_query music_settings news_query play_audiobook play_game play_music play_podcasts "
        "play_radio qa_currency qa_definition qa_factoid qa_maths qa_stock recommendation_events "
        "recommendation_locations recommendation_movies social_post social_query takeaway_order takeaway_query "
        "transport_query transport_taxi transport_ticket transport_traffic weather_query"
    ).split()
)

# FitzGerald et al. 2022, XLM-R base trained on English. Theirs also learns slots, reads block 10, and leaves the word
# embeddings as they are; the 850 epochs are theirs.
RECIPE = Recipe(
    learning_rate=4.7e-6,
    schedule="constant",
    warmup_steps=500,
    adam_beta1=0.99,
    adam_beta2=0.9999,
    adam_epsilon=1e-9,
    weight_decay=0.11,
    dropout=0.25,
    attention_dropout=0.35,
    epochs=850,
    batch_size=128,
    max_length=512,
    selection=Selection(every=300),
)

TASK = Task(
    name="massive",
    title="MASSIVE intent classification",
    type=TEXT_CLASSIFICATION,
    group=NEWER,
    languages=tuple(NAMES),
    metric=Accuracy(),
    reader=TextsReader(
        files=dict.fromkeys(("train", "dev", "test"), "{language}.jsonl"),
        names=NAMES,
        id="id",
        split="partition",
        first="utt",
        label="intent",
        labels=INTENTS,
    ),
    labels=INTENTS,
    parallel=True,
    published=dict.fromkeys(NAMES, 2974),
    max_length=512,
    recipe=RECIPE,
    suite_folders=("massive",),
    demo="newer:massive_files",
    sample=("wake me at nine", "alarm_set"),
    citation="FitzGerald et al. 2023, MASSIVE: A 1M-Example Multilingual Natural Language Understanding Dataset with "
    "51 Typologically-Diverse Languages, ACL",
    licence="CC BY 4.0",
    source="https://github.com/alexa/massive",
)
